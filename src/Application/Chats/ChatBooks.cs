using System.Diagnostics;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Core;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;

namespace Agora.Application.Chats;

/// <summary>Chats as the journal has them, with what was said: of the same agent of the same user, and of nobody else.</summary>
internal sealed class ChatBooks(PersonalLog log)
{
    /// <returns>Null: there is none, it is another's, or it was deleted.</returns>
    public async Task<ChatBook?> Find(ModelCaller call, SessionView session, Guid chatId) =>
        await Of(call.Tenant, session.UserId, chatId, CancellationToken.None) is { } book && book.AgentId == SessionPaths.Agents(session) ? book : null; // also for what goes on when whoever asked is gone

    /// <summary>As it began, for lists: a chat is long, and a list has many.</summary>
    /// <returns>Null: there is none.</returns>
    public async Task<ChatBook?> Beginning(ModelCaller call, SessionView session, Guid chatId)
    {
        var stream = call.Tenant.Chat(OwnedIds.Of(chatId, session.UserId));
        return ChatBook.Of(stream, chatId, await log.Beginning(ChatEntity.Entity, stream, call.Cancel));
    }

    /// <summary>Runs that replied in one that was deleted, or were to.</summary>
    public async Task<IEnumerable<Guid>> RepliesOfDeleted(ChatBook book) => ChatBook.Of(book.Stream, book.ChatId, await log.Whole(ChatEntity.Entity, book.Stream, CancellationToken.None))?.Replies ?? [];

    /// <summary>Of whichever agent.</summary>
    /// <returns>Null: there is none, or it was deleted.</returns>
    public async Task<ChatBook?> Of(Tenant tenant, string userId, Guid chatId, CancellationToken cancel)
    {
        var stream = tenant.Chat(OwnedIds.Of(chatId, userId));
        return ChatBook.Of(stream, chatId, await log.Whole(ChatEntity.Entity, stream, cancel)) is { IsDeleted: false } book ? book : null;
    }
}

/// <summary>A chat as it was read.</summary>
/// <param name="Bytes">As its state counts them.</param>
internal sealed record ChatBook(StreamId Stream, Guid ChatId, string AgentId, DateTimeOffset CreatedAt, int Bytes, IReadOnlyList<SaidTurn> Turns, IReadOnlyDictionary<int, SaidSummary> Summaries, bool IsDeleted, SaidPlay? Play = null)
{
    public static ChatBook? Of(StreamId stream, Guid chatId, IReadOnlyList<Logged<ChatEvent>> events)
    {
        if (events is not [{ Happened: ChatEvent.Begun begun } first, ..]) return null;

        var (turns, summaries, isDeleted, play) = (new List<SaidTurn>(), new Dictionary<int, SaidSummary>(), false, (SaidPlay?)null);
        foreach (var (_, at, happened) in events)
        {
            switch (happened)
            {
                case ChatEvent.Begun:
                    break;
                case ChatEvent.Asked e:
                    play = e.Ends ? play! with { IsEnded = true } : play;
                    turns.Add(new(e.Number, e.Id, e.After, e.Repeats, e.SessionId, e.Model, at, [e.Reply], (e.Repeats is { } repeated ? turns[repeated - 1].Words : null) ?? e.Content?.Read<ChatWords>(), e.Request));
                    break;
                case ChatEvent.Imported e:
                    turns.AddRange(ImportedTurns(e, at));
                    break;
                case ChatEvent.RepliedAnew e:
                    turns[e.Number - 1] = turns[e.Number - 1] with { Replies = [.. turns[e.Number - 1].Replies, e.Reply] };
                    break;
                case ChatEvent.Summarized e:
                    summaries[e.UpTo] = new(e.UpTo, e.RunId, e.Text?.Read<string>());
                    break;
                case ChatEvent.Rated e:
                    turns[e.Number - 1] = turns[e.Number - 1] with { Rated = new(e.Thumb, e.Content?.Read<ChatFeedback>(), at) };
                    break;
                case ChatEvent.Deleted:
                    isDeleted = true;
                    break;
                case ChatEvent.PlayBegun e:
                    play = new(e.Terms, e.Definition?.Read<ScenarioDefinition>(), [], [], [], []);
                    break;
                default:
                    play = play?.After(happened, at) ?? throw new UnreachableException(happened.GetType().Name);
                    break;
            }
        }

        return new(stream, chatId, begun.AgentId, first.At, events.Sum(static logged => ChatState.BytesOf(logged.Happened)), turns, summaries, isDeleted, play);
    }

    /// <summary>A play in which nothing more is said.</summary>
    public bool IsOver => Play is { } play && (play.IsEnded || Turns.Count >= play.Terms.Turns);

    /// <summary>The newest turn that was said elsewhere; 0: none was.</summary>
    public int NewestImported => Turns.LastOrDefault(static turn => turn.Elsewhere is not null)?.Number ?? 0;

    private static IEnumerable<SaidTurn> ImportedTurns(ChatEvent.Imported e, DateTimeOffset at)
    {
        var said = e.Content?.Read<IReadOnlyList<ChatImportedWords>>();
        return e.Turns.Select((turn, i) => new SaidTurn(
            e.First + i, turn.Id, i == 0 ? e.After : e.First + i - 1, null, "", e.Model, turn.At ?? at, [new(Guid.Empty, said?[i].Model ?? turn.Model ?? e.Origin ?? "", null, 0)], said is null ? null : new(said[i].Text, said[i].Instructions)) { Elsewhere = new(said?[i].Reply) });
    }

    /// <summary>Runs that replied, or were to.</summary>
    public IEnumerable<Guid> Replies => Turns.Where(static turn => turn.Elsewhere is null).SelectMany(static turn => turn.Replies).Select(static reply => reply.RunId);

    /// <summary>Null: there is none of this number.</summary>
    public SaidTurn? Turn(int? number) => ChatTree.Turn(Turns, number ?? 0);

    /// <summary>From the root to a turn.</summary>
    public IReadOnlyList<SaidTurn> Branch(int number) => ChatTree.Branch(Turns, number, static turn => turn.After);
}

/// <summary>As of <see cref="ChatTurn"/>, with what was said.</summary>
/// <param name="Model">As it was asked for.</param>
/// <param name="Replies">Calls that were to reply, in order: each but the last did nothing.</param>
/// <param name="Words">Null: the user's data were erased.</param>
/// <param name="Asked">A hash of the request under whose key it was said; null: it has no key.</param>
internal sealed record SaidTurn(
    int Number, Guid Id, int After, int? Repeats, string SessionId, string Model, DateTimeOffset At, IReadOnlyList<ChatReply> Replies, ChatWords? Words, string? Asked = null, SaidRating? Rated = null)
{
    public ChatReply Reply => Replies[^1];

    /// <summary>What was replied elsewhere; null: the reply is a run's.</summary>
    public SaidElsewhere? Elsewhere { get; init; }

    /// <summary>What a person reads of the reply, as far as it is there; null: nothing of it is kept.</summary>
    /// <param name="who">Whose it is besides the user's.</param>
    public Task<string?> ReplyText(KeptReplies kept, Tenant tenant, string userId, string who, CancellationToken cancel) =>
        Elsewhere is { } elsewhere ? Task.FromResult(elsewhere.Reply) : kept.TextOf(tenant, userId, who, Reply.RunId, cancel);

    /// <summary>The same of a session's.</summary>
    public Task<string?> ReplyText(KeptReplies kept, ModelCaller call, SessionView session) => ReplyText(kept, call.Tenant, session.UserId, SessionPaths.Agents(session), call.Cancel);
}

/// <param name="Reply">Null: nothing was, or the user's data were erased.</param>
internal sealed record SaidElsewhere(string? Reply);

internal sealed record SaidSummary(int UpTo, Guid RunId, string? Text);

internal sealed record SaidRating(int Thumb, ChatFeedback? Words, DateTimeOffset At);

/// <summary>What a chat plays, and what was done in it besides its turns.</summary>
/// <param name="Definition">Null: the user's data were erased.</param>
/// <param name="Hints">Those that came to nothing are not among them.</param>
/// <param name="Asked">Hints that were asked for, whatever came of them.</param>
/// <param name="Judged">Calls of the judge that were paid.</param>
/// <param name="Asking">Besides those, calls of it of which nobody has said what came of them.</param>
internal sealed record SaidPlay(PlayTerms Terms, ScenarioDefinition? Definition, IReadOnlyList<SaidHint> Hints, IReadOnlyList<Guid> Asked, IReadOnlyList<Guid> Judged, IReadOnlyList<Guid> Asking, bool IsEnded = false, SaidScore? Score = null)
{
    public SaidPlay After(ChatEvent happened, DateTimeOffset at) => happened switch
    {
        ChatEvent.HintAsked e => this with { Hints = [.. Hints, new(e.Id, e.After, at, null, null)], Asked = [.. Asked, e.Id] },
        ChatEvent.HintGiven e => this with { Hints = [.. Hints.Select(hint => hint.Id == e.Id ? hint with { RunId = e.RunId, Text = e.Text?.Read<string>() } : hint)] },
        ChatEvent.HintFailed e => this with { Hints = [.. Hints.Where(hint => hint.Id != e.Id)] },
        ChatEvent.PlayEnded => this with { IsEnded = true },
        ChatEvent.JudgeAsked e => this with { Asking = [.. Asking, e.RunId] },
        ChatEvent.JudgeFailed e => this with { Asking = [.. Asking.Where(run => run != e.RunId)] },
        ChatEvent.Judged e => this with { Judged = [.. Judged, e.RunId], Asking = [.. Asking.Where(run => run != e.RunId)] },
        ChatEvent.Scored e => this with { IsEnded = true, Score = new(e.Id, e.Criteria, e.Percent, e.Reasons?.Read<IReadOnlyList<CriterionReason>>(), at) },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}

/// <param name="After">The last turn that was said by then.</param>
/// <param name="RunId">Null: it is asked for.</param>
/// <param name="Text">Null: it is asked for, or the user's data were erased.</param>
internal sealed record SaidHint(Guid Id, int After, DateTimeOffset At, Guid? RunId, string? Text);

/// <param name="Reasons">Null: the user's data were erased.</param>
internal sealed record SaidScore(Guid Id, IReadOnlyList<CriterionScore> Criteria, int Percent, IReadOnlyList<CriterionReason>? Reasons, DateTimeOffset At);
