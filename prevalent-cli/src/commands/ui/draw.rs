//! Draws what is shown.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, List, ListItem, ListState, Paragraph};

use super::app::{App, Asked, Pane, Place};
use crate::human;
use crate::output::Paint;

pub(super) fn draw(app: &mut App, frame: &mut Frame<'_>) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(3), Constraint::Length(1)])
            .areas(frame.area());
    let [places, right] =
        Layout::horizontal([Constraint::Length(26), Constraint::Min(20)]).areas(body);
    let [transactions, value] =
        Layout::vertical([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(right);
    app.height = usize::from(transactions.height.saturating_sub(2));
    app.value_height = usize::from(value.height.saturating_sub(2));
    frame.render_widget(Paragraph::new(title(app)).style(strong()), head);
    draw_places(app, frame, places);
    draw_transactions(app, frame, transactions);
    draw_value(app, frame, value);
    frame.render_widget(Paragraph::new(footer(app)), foot);
}

fn coloured(app: &App, colour: Color) -> Style {
    match app.paint {
        Paint::Plain => Style::new(),
        Paint::Colour => Style::new().fg(colour),
    }
}

fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn chosen() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

fn title(app: &App) -> String {
    let model = human::tame_line(app.status.model.as_deref().unwrap_or("(model not known)"));
    let newest = app.status.newest.map_or_else(String::new, |(seq, _)| format!(", up to #{seq}"));
    let owner = if app.status.owner.is_running() { ", open" } else { "" };
    format!("{model} in {}{newest}{owner}", app.status.dir.display())
}

fn block(app: &App, pane: Pane, title: String) -> Block<'static> {
    let border =
        if app.focus == pane { coloured(app, Color::Cyan).patch(strong()) } else { Style::new() };
    Block::bordered().title(title).border_style(border)
}

fn draw_places(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let items = app.places.iter().map(|place| {
        ListItem::new(match place {
            Place::Segment { number, bytes, .. } => {
                format!("segment {number:<6}{:>9}", human::bytes(*bytes))
            }
            Place::Snapshot { seq, bytes } => {
                format!("state #{seq:<7}{:>9}", human::bytes(*bytes))
            }
        })
    });
    let list = List::new(items)
        .block(block(app, Pane::Places, "files".to_owned()))
        .highlight_style(chosen());
    let mut state = ListState::default().with_selected(Some(app.place));
    frame.render_stateful_widget(list, area, &mut state);
}

fn draw_transactions(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    let items = app.rows.iter().map(|row| {
        let args: String = row.args.chars().take(width).collect();
        let style = if row.void.is_some() { coloured(app, Color::Red) } else { Style::new() };
        ListItem::new(Line::from(vec![
            Span::raw(format!("{:>8}  ", row.seq)),
            Span::styled(format!("{}  ", human::tame_line(&row.name)), coloured(app, Color::Cyan)),
            Span::styled(human::tame_line(&args).into_owned(), style),
        ]))
    });
    let list = List::new(items)
        .block(block(app, Pane::Transactions, "transactions".to_owned()))
        .highlight_style(chosen());
    let mut state = ListState::default().with_selected(Some(app.row));
    frame.render_stateful_widget(list, area, &mut state);
}

fn draw_value(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let title = match (&app.state, app.selected()) {
        (Some(_), _) => "state".to_owned(),
        (None, Some(row)) => {
            let void = row.void.as_deref().map(human::tame_line);
            let void = void.map_or_else(String::new, |why| format!(", void: {why}"));
            let name = human::tame_line(&row.name);
            format!("#{} {name}, {}, {}{void}", row.seq, row.time, row.place)
        }
        (None, None) => "no transactions".to_owned(),
    };
    let lines = usize::from(area.height);
    let value = app.value().lines().skip(app.scroll.into()).take(lines);
    let text: Vec<Line<'_>> = value.map(Line::from).collect();
    frame.render_widget(Paragraph::new(text).block(block(app, Pane::Value, title)), area);
}

fn footer(app: &App) -> String {
    match &app.input {
        Some(input) if input.what == Asked::Search => format!("search: {}█", input.text),
        Some(input) => format!("go to sequence number: {}█", input.text),
        None => app.message.clone(),
    }
}
