// What the page does with the widget: it asks in the shopper's name, and shows how many pieces are in the cart.
const widget = document.querySelector("shelftalk-widget");
for (const button of document.querySelectorAll("[data-ask], [data-open-chat]")) {
  button.hidden = !widget;
  button.addEventListener("click", () => (button.dataset.ask ? widget.ask(button.dataset.ask) : widget.open()));
}
document.addEventListener("shelftalk:cart-changed", ({ detail }) => {
  const count = detail.cart.lines.reduce((sum, line) => sum + line.quantity, 0);
  document.querySelector("[data-cart-count]").textContent = count || "";
});
