import DefaultTheme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import HomeCode from './HomeCode.vue';
import OptionMatrix from './OptionMatrix.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'home-hero-image': () => h(HomeCode) }),
  enhanceApp({ app }) {
    app.component('OptionMatrix', OptionMatrix);
  },
};
