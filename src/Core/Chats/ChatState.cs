using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Chats;

/// <summary>What was said is in the journal alone: however long a chat is, its state is small.</summary>
/// <param name="AgentId">Null: it was never begun.</param>
/// <param name="Summaries">Turns up to which the branch that they end is summarized.</param>
/// <param name="Play">Null: it is a chat like any other.</param>
public sealed record ChatState(StreamId Stream, string? AgentId, DateTimeOffset CreatedAt, ImmutableList<ChatTurn> Turns, ImmutableSortedSet<int> Summaries, int Bytes, bool IsDeleted, PlayState? Play = null)
{
    public static ChatState Initial(StreamId stream) => new(stream, null, default, [], [], 0, false);

    /// <summary>Its user stands in its id, so that its first row can be sealed, too, and nobody finds a chat without knowing whose it is.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public ChatView View => new(OwnedIds.OwnOf(Stream.Id), OwnedIds.UserOf(Stream.Id), AgentId ?? "", CreatedAt, Turns, Summaries.IsEmpty ? null : [.. Summaries], IsDeleted);

    /// <summary>A play in which nothing more is said.</summary>
    public bool IsOver => Play is { } play && (play.IsEnded || Turns.Count >= play.Terms.Turns);

    /// <summary>What it adds to a chat's bytes.</summary>
    public static int BytesOf(ChatEvent happened) => happened switch
    {
        ChatEvent.Asked e => e.Bytes,
        ChatEvent.Imported e => e.Bytes,
        ChatEvent.Summarized e => e.Bytes,
        ChatEvent.Rated e => e.Bytes,
        ChatEvent.PlayBegun e => e.Bytes,
        ChatEvent.HintAsked => ChatLimits.BytesLeast,
        ChatEvent.HintGiven e => e.Bytes,
        ChatEvent.Scored e => e.Bytes,
        _ => 0,
    };

    public ChatState Evolve(ChatEvent happened, DateTimeOffset at) => Changed(happened, at) with { Bytes = Bytes + BytesOf(happened) };

    private ChatState Changed(ChatEvent happened, DateTimeOffset at) => happened switch
    {
        ChatEvent.Begun e => this with { AgentId = e.AgentId, CreatedAt = at },
        ChatEvent.Asked e => this with { Turns = Turns.Add(new(e.Number, e.Id, e.After, e.Repeats, e.Reply.RunId)), Play = e.Ends && Play is { } play ? play with { IsEnded = true } : Play },
        ChatEvent.Imported e => this with { Turns = Turns.AddRange(e.Turns.Select((turn, i) => new ChatTurn(e.First + i, turn.Id, i == 0 ? e.After : e.First + i - 1, null, Guid.Empty))) },
        ChatEvent.RepliedAnew e => this with { Turns = Turns.SetItem(e.Number - 1, Turns[e.Number - 1] with { RunId = e.Reply.RunId }) },
        ChatEvent.Summarized e => this with { Summaries = Summaries.Add(e.UpTo) },
        ChatEvent.Rated => this,
        ChatEvent.Deleted => this with { IsDeleted = true },
        ChatEvent.PlayBegun e => this with { Play = new(e.Terms, []) },
        ChatEvent.HintAsked e => Playing(play => play with { Hints = [.. play.Hints, e.Id] }),
        ChatEvent.HintGiven e => Playing(play => play with { Given = [.. play.Given ?? [], e.Id] }),
        ChatEvent.HintFailed e => Playing(play => play with { Hints = [.. play.Hints.Where(hint => hint != e.Id)] }),
        ChatEvent.PlayEnded => Playing(static play => play with { IsEnded = true }),
        ChatEvent.JudgeAsked e => Playing(play => play with { Asking = [.. play.Asking ?? [], e.RunId] }),
        ChatEvent.JudgeFailed e => Playing(play => play with { Asking = play.Asking?.Remove(e.RunId) }),
        ChatEvent.Judged e => Playing(play => play with { Judged = play.Judged + 1, Asking = play.Asking?.Remove(e.RunId) }),
        ChatEvent.Scored e => Playing(play => play with { IsEnded = true, Score = new(e.Criteria, e.Percent) }),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    public void CheckInvariants()
    {
        Invariant.Check(Bytes <= ChatLimits.Bytes, "chat_is_bounded");
        if (Turns.IsEmpty) return;

        var last = Turns[^1];
        Invariant.Check(last.Number == Turns.Count, "turns_have_no_gaps");
        Invariant.Check(last.After < last.Number && (last.Repeats ?? 0) < last.Number, "turns_follow_earlier_ones");
        Invariant.Check(Play is not { } play || (last.After == last.Number - 1 && Turns.Count <= play.Terms.Turns && play.Hints.Count <= play.Terms.Hints), "a_play_has_one_branch_and_ends");
    }

    private ChatState Playing(Func<PlayState, PlayState> happens) => this with { Play = happens(Play ?? new(new(null, null, 0, 0), [])) };
}
