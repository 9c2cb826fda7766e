using System.Diagnostics;
using Agora.Api.Http;
using Agora.Api.Models;
using Agora.Core;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;

namespace Agora.Api.Chats;

/// <summary>Chats as the journal has them, with what was said: of the same agent of the same user, and of nobody else.</summary>
internal sealed class ChatBooks(PersonalLog log)
{
    /// <returns>Null: there is none, it is another's, or it was deleted.</returns>
    public async Task<ChatBook?> Find(AgentCall call, SessionView session, Guid chatId) =>
        await Of(call.Tenant, session.UserId, chatId, CancellationToken.None) is { } book && book.AgentId == KeptReplies.Who(session) ? book : null; // also for what goes on when whoever asked is gone

    /// <summary>Of whichever agent.</summary>
    /// <returns>Null: there is none, or it was deleted.</returns>
    public async Task<ChatBook?> Of(Tenant tenant, string userId, Guid chatId, CancellationToken cancel)
    {
        var stream = tenant.Chat(OwnedIds.Of(chatId, userId));
        return ChatBook.Of(stream, chatId, await log.Whole(ChatEntity.Entity, stream, cancel)) is { IsDeleted: false } book ? book : null;
    }
}

/// <summary>A chat as it was read.</summary>
internal sealed record ChatBook(StreamId Stream, Guid ChatId, string AgentId, DateTimeOffset CreatedAt, IReadOnlyList<SaidTurn> Turns, IReadOnlyDictionary<int, SaidSummary> Summaries, bool IsDeleted)
{
    public static ChatBook? Of(StreamId stream, Guid chatId, IReadOnlyList<Logged<ChatEvent>> events)
    {
        if (events is not [{ Happened: ChatEvent.Begun begun } first, ..]) return null;

        var (turns, summaries, isDeleted) = (new List<SaidTurn>(), new Dictionary<int, SaidSummary>(), false);
        foreach (var (_, at, happened) in events)
        {
            switch (happened)
            {
                case ChatEvent.Begun:
                    break;
                case ChatEvent.Asked e:
                    turns.Add(new(e.Number, e.Id, e.After, e.Repeats, e.SessionId, e.Model, at, [e.Reply], (e.Repeats is { } repeated ? turns[repeated - 1].Words : null) ?? e.Content?.Read<ChatWords>(), e.Request));
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
                default:
                    throw new UnreachableException(happened.GetType().Name);
            }
        }

        return new(stream, chatId, begun.AgentId, first.At, turns, summaries, isDeleted);
    }

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
}

internal sealed record SaidSummary(int UpTo, Guid RunId, string? Text);

internal sealed record SaidRating(int Thumb, ChatFeedback? Words, DateTimeOffset At);
