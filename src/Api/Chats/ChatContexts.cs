using System.Text;
using Agora.Api.Http;
using Agora.Api.Models;
using Agora.Core.Chats;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Api.Chats;

/// <summary>What a model reads before what is said now: what it is told to be, and the newest turns of the branch with their replies, as many as fit. It stands in no journal: it follows from what does.</summary>
internal sealed class ChatContexts(KeptReplies kept)
{
    public async Task<ChatContext> Of(AgentCall call, SessionView session, ChatBook? book, int after, ChatWords words, ChatWindow window)
    {
        var (turns, length, from) = (new List<IReadOnlyList<Item>>(), 0, 0);
        foreach (var turn in (book?.Branch(after) ?? []).Reverse().Take(window.Turns))
        {
            var said = await Said(call, session, turn);
            length += said.Sum(LengthOf);
            if (length > window.Length) break;

            turns.Add(said);
            from = turn.Number;
        }

        turns.Reverse();
        List<Item> items = [.. Instructions(words.Instructions), .. turns.SelectMany(static said => said), Of(Role.User, words.Text)];
        return new(items, items.Sum(static item => (long)Encoding.UTF8.GetMaxByteCount(LengthOf(item))), from);
    }

    private static IEnumerable<Item> Instructions(string? instructions) => instructions is null ? [] : [Of(Role.System, instructions)];

    /// <summary>A reply that was cut off is what the person saw of it.</summary>
    private async Task<IReadOnlyList<Item>> Said(AgentCall call, SessionView session, SaidTurn turn)
    {
        if (turn.Words is not { } words) return [];

        var reply = (await kept.Find(call, session, turn.Reply.RunId))?.Reply();
        return reply is not null && ChatTexts.Of(reply) is { Length: > 0 } text ? [Of(Role.User, words.Text), Of(Role.Assistant, text)] : [Of(Role.User, words.Text)];
    }

    private static Item Of(Role role, string text) => new Item.Message(role, [new Part.Text(text)]);

    private static int LengthOf(Item item) => item is Item.Message m ? m.Parts.OfType<Part.Text>().Sum(static part => part.Value.Length) : 0;
}

/// <param name="From">The first turn of the branch that is read word for word; 0: none is.</param>
internal sealed record ChatContext(IReadOnlyList<Item> Items, long Bytes, int From);

/// <summary>What of a reply a person reads.</summary>
internal static class ChatTexts
{
    public static string Of(ModelReply reply) => string.Concat(reply.Output.OfType<Item.Message>().SelectMany(static message => message.Parts).Select(static part => part switch
    {
        Part.Text text => text.Value,
        Part.Refusal refusal => refusal.Value,
        _ => "",
    }));

    /// <summary>What its model thought before, as far as it shows that.</summary>
    public static string ReasoningOf(ModelReply reply) => string.Concat(reply.Output.OfType<Item.Reasoning>().Select(static item => item.Text.Length > 0 ? item.Text : string.Join("\n\n", item.Summary)));
}
