using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Chats;

/// <summary>What was said is in the journal alone: however long a chat is, its state is small.</summary>
/// <param name="AgentId">Null: it was never begun.</param>
/// <param name="Summaries">Turns up to which the branch that they end is summarized.</param>
public sealed record ChatState(StreamId Stream, string? AgentId, DateTimeOffset CreatedAt, ImmutableList<ChatTurn> Turns, ImmutableSortedSet<int> Summaries, int Bytes, bool IsDeleted)
{
    public static ChatState Initial(StreamId stream) => new(stream, null, default, [], [], 0, false);

    /// <summary>Its user stands in its id, so that its first row can be sealed, too, and nobody finds a chat without knowing whose it is.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public ChatView View => new(OwnedIds.OwnOf(Stream.Id), OwnedIds.UserOf(Stream.Id), AgentId ?? "", CreatedAt, Turns, Summaries.IsEmpty ? null : [.. Summaries], IsDeleted);

    public ChatState Evolve(ChatEvent happened, DateTimeOffset at) => happened switch
    {
        ChatEvent.Begun e => this with { AgentId = e.AgentId, CreatedAt = at },
        ChatEvent.Asked e => this with { Turns = Turns.Add(new(e.Number, e.Id, e.After, e.Repeats, e.Reply.RunId)), Bytes = Bytes + e.Bytes },
        ChatEvent.RepliedAnew e => this with { Turns = Turns.SetItem(e.Number - 1, Turns[e.Number - 1] with { RunId = e.Reply.RunId }) },
        ChatEvent.Summarized e => this with { Summaries = Summaries.Add(e.UpTo), Bytes = Bytes + e.Bytes },
        ChatEvent.Rated e => this with { Bytes = Bytes + e.Bytes },
        ChatEvent.Deleted => this with { IsDeleted = true },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    public void CheckInvariants()
    {
        Invariant.Check(Bytes <= ChatLimits.Bytes, "chat_is_bounded");
        if (Turns.IsEmpty) return;

        var last = Turns[^1];
        Invariant.Check(last.Number == Turns.Count, "turns_have_no_gaps");
        Invariant.Check(last.After < last.Number && (last.Repeats ?? 0) < last.Number, "turns_follow_earlier_ones");
    }
}
