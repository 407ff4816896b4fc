import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

export default typescript.config(
  { ignores: ["**/dist/**", "app/src/api/schema.d.ts", "e2e/results/**", "knip.config.ts"] },
  js.configs.recommended,
  ...typescript.configs.strictTypeChecked,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // A number reads the same inside a template.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Event handlers may start what they do not wait for; whatever fails ends in the query cache.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // The router is told so that a path leads nowhere.
      "@typescript-eslint/only-throw-error": [
        "error",
        { allow: [{ from: "package", package: "@tanstack/router-core", name: "NotFoundError" }] },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      // Only components that the React Compiler compiles would mind; it is not used.
      "react-hooks/incompatible-library": "off",
      // One feature never imports another: what two of them need lies in components/.
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["@/features/*"], message: "features do not import each other; use a relative path inside a feature" },
          ],
        },
      ],
    },
  },
  { files: ["app/src/routes/**", "app/src/frame/**"], rules: { "no-restricted-imports": "off" } },
  { files: ["**/*.js"], ...typescript.configs.disableTypeChecked },
);
