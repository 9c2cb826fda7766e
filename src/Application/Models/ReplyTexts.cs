using Agora.Models;

namespace Agora.Application.Models;

/// <summary>What of a reply a person reads.</summary>
internal static class ReplyTexts
{
    public static string Of(ModelReply reply) => string.Concat(reply.Output.OfType<Item.Message>().SelectMany(static message => message.Parts).Select(static part => part switch
    {
        Part.Text text => text.Value,
        Part.Refusal refusal => refusal.Value,
        _ => "",
    }));

    /// <summary>The same of one event; empty: it has nothing of that.</summary>
    public static string Of(ModelEvent said) => said switch
    {
        ModelEvent.TextAdded e => e.Text,
        ModelEvent.RefusalAdded e => e.Text,
        _ => "",
    };

    /// <summary>What its model thought before, as far as it shows that.</summary>
    public static string ReasoningOf(ModelReply reply) => string.Concat(reply.Output.OfType<Item.Reasoning>().Select(static item => item.Text.Length > 0 ? item.Text : string.Join("\n\n", item.Summary)));

    /// <summary>The same of one event.</summary>
    public static string ReasoningOf(ModelEvent said) => said switch
    {
        ModelEvent.ReasoningAdded e => e.Text,
        ModelEvent.SummaryAdded e => e.Text,
        _ => "",
    };

    /// <summary>A message of one text.</summary>
    public static Item Item(Role role, string text) => new Item.Message(role, [new Part.Text(text)]);
}
