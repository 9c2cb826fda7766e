using System.Text;
using Agora.Application.Calls;
using Agora.Application.Memories;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Application.Chats;

/// <summary>
/// What a model reads before what is said now: what it is told to be, how the user wants replies, what is remembered, in short what was said before the window, and the newest turns of the branch with their replies, as many as fit. It stands in no journal, but for the summary: it follows
/// from what does.
/// </summary>
internal sealed class ChatContexts(KeptReplies kept, ChatFiles files, ChatSummaries summaries, UserMemories memories, StoredPreferences preferences)
{
    private static readonly Rejection NoFile = Findings.Invalid("/attachments", "not", "No file is kept under one of these hashes: it is brought first.");
    private static readonly Rejection TooMuch = new Rejection(Codes.PayloadTooLarge, "What is said, with its files, is more than a request to a model may be.").AtMost("bytes", Limits.ModelRequestBytes);

    /// <param name="place">Of the turn: it grows by what is read, and nothing is paid where there is no room for that.</param>
    public async Task<(ChatContext? Context, Rejection? Refused)> Of(ModelCaller call, SessionView session, CallPlaces.Place place, ChatBook? book, SayingNow saying, ChatAsked asked)
    {
        var (said, bytes, missing) = await Own(call, session, place, saying.Words);
        if (missing) return (null, NoFile);
        if (bytes > Limits.ModelRequestBytes) return (null, TooMuch);

        var branch = book?.Branch(saying.After) ?? [];
        var turns = await Newest(call, session, place, branch, asked.Window, Limits.ModelRequestBytes - bytes);
        if (place.IsFull) return (null, ModelCalls.TooMany);

        var (before, paid) = branch.Count > turns.Count && book is not null
            ? await summaries.Of(call, session, book, branch, turns, asked.SummaryModel) : default;
        var read = before is null ? turns : [.. turns.Where(turn => turn.Turn.Number > before.UpTo)];
        var notes = asked.Memories is { } wanted ? await memories.For(call, saying.Words.Text, wanted.Model, wanted.Limit) : MemoryNotes.None;
        var wishes = asked.Preferences && saying.Play is null ? await preferences.Find(UserMemories.OwnerOf(call, session), call.Cancel) : null; // in a play the scenario says how the partner speaks
        List<Item> items = [.. Instructions(saying), .. PreferenceNotes.Items(wishes?.Wanted), .. notes.Items(), .. Before(before), .. read.SelectMany(static turn => turn.Items), said];
        return (new(items, bytes + read.Sum(static turn => turn.Bytes), read.Count == 0 ? 0 : read[0].Turn.Number, before?.UpTo, [.. notes.Memories.Select(static memory => memory.Kept.MemoryId)], wishes?.Version) { Paid = [.. new[] { paid, notes.Made.RunId }.OfType<Guid>()] }, null);
    }

    /// <summary>Of a play they are the scenario's, whatever is said in it.</summary>
    private static IEnumerable<Item> Instructions(SayingNow saying) => saying.Play?.Definition is { } played ? PlayPrompts.Partner(played)
        : saying.Words.Instructions is { } instructions ? [ReplyTexts.Item(Role.System, instructions)] : [];

    private static IEnumerable<Item> Before(SaidSummary? summary) => summary?.Text is { } text ? [ReplyTexts.Item(Role.System, ChatSummaries.AsData(text))] : [];

    /// <summary>The newest first, as many as fit; then in order.</summary>
    private async Task<IReadOnlyList<ReadTurn>> Newest(ModelCaller call, SessionView session, CallPlaces.Place place, IReadOnlyList<SaidTurn> branch, ChatWindow window, long most)
    {
        var (turns, length, bytes) = (new List<ReadTurn>(), 0, 0L);
        foreach (var turn in branch.Reverse().Take(window.Turns))
        {
            if (await Read(call, session, place, turn) is not { } read) continue;

            (length, bytes) = (length + read.Length, bytes + read.Bytes);
            if (length > window.Length || bytes > most || !place.Grow(read.TextBytes)) break;

            turns.Add(read);
        }

        turns.Reverse();
        return turns;
    }

    /// <summary>A reply that was cut off is what the person saw of it.</summary>
    /// <returns>Null: the user's data were erased.</returns>
    private async Task<ReadTurn?> Read(ModelCaller call, SessionView session, CallPlaces.Place place, SaidTurn turn)
    {
        if (turn.Words is not { } words) return null;

        var (said, bytes, _) = await Own(call, session, place, words);
        var text = await turn.ReplyText(kept, call, session) ?? "";
        return new(turn, words.Text, text, [.. words.Text.Length == 0 ? (Item[])[] : [said], .. text.Length == 0 ? (Item[])[] : [ReplyTexts.Item(Role.Assistant, text)]], bytes + Encoding.UTF8.GetByteCount(text));
    }

    /// <summary>Its files count as they are read.</summary>
    /// <returns>Missing: a file is not there; it is left out.</returns>
    private async Task<(Item Item, long Bytes, bool Missing)> Own(ModelCaller call, SessionView session, CallPlaces.Place place, ChatWords words)
    {
        var (parts, bytes, missing) = (new List<Part>(), (long)Encoding.UTF8.GetByteCount(words.Text), false);
        foreach (var named in words.Attachments ?? [])
        {
            var file = await files.Find(call, session, named);
            if (file is null)
            {
                missing = true;
                continue;
            }

            if (!place.Grow(file.Base64.Length)) break;

            parts.Add(file.AsPart());
            bytes += file.Base64.Length;
        }

        return (new Item.Message(Role.User, [.. parts, new Part.Text(words.Text)]), bytes, missing);
    }
}

/// <param name="From">The first turn of the branch that is read word for word; 0: none is.</param>
/// <param name="Summary">The turn up to which a summary is read; null: none is.</param>
/// <param name="Memories">Of the user, those that are read.</param>
/// <param name="Preferences">The version of the user's that is read; null: none is.</param>
internal sealed record ChatContext(IReadOnlyList<Item> Items, long Bytes, int From, int? Summary, IReadOnlyList<Guid> Memories, int? Preferences)
{
    /// <summary>Runs for what is said, before a model replies: whoever is then refused is told of those that were paid.</summary>
    public IReadOnlyList<Guid> Paid { get; init; } = [];
}

/// <summary>A turn as a model reads it.</summary>
internal sealed record ReadTurn(SaidTurn Turn, string Said, string Replied, IReadOnlyList<Item> Items, long Bytes)
{
    public int Length => Said.Length + Replied.Length;

    public int TextBytes => Encoding.UTF8.GetByteCount(Said) + Encoding.UTF8.GetByteCount(Replied);
}
