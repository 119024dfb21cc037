import DefaultTheme from 'vitepress/theme-without-fonts';
import OptionMatrix from './OptionMatrix.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('OptionMatrix', OptionMatrix);
  },
};
