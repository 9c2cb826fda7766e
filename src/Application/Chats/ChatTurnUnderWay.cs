using System.Threading.Channels;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Application.Chats;

/// <summary>What is about to be said, and where.</summary>
/// <param name="Asked">Of the whole request: the same key with another is a conflict.</param>
/// <param name="Play">Which it is said in; null: in a chat like any other.</param>
internal sealed record SayingNow(Guid ChatId, Guid TurnId, int After, int? Repeats, string Model, ChatWords Words, string? Asked, SaidPlay? Play = null)
{
    private const int HashLength = 32;

    /// <summary>It says the words that end the play.</summary>
    public bool Ends => Play?.Definition?.Ends.Phrase is { } phrase && Words.Text.Contains(phrase, StringComparison.OrdinalIgnoreCase);

    /// <returns>Null: no key says that it was asked before.</returns>
    public static string? HashOf(ModelCaller call) => call is { IsKeyed: true, Context.Key: { } key } ? key.BodyHash[..HashLength] : null;
}

/// <summary>A turn while its reply is made at this process. It is there when the first call of a model is held; what becomes durable is told to whoever asked.</summary>
internal sealed class ChatTurnUnderWay(EntityRef<ChatCommand> chat, ModelCaller call, SessionView session, SayingNow saying, ChatContext context)
{
    private readonly List<ChatReply> _replies = [];
    private readonly Channel<ChatTold> _told = Channel.CreateUnbounded<ChatTold>(new() { SingleReader = true });

    public SayingNow Saying { get; } = saying;

    public int Number { get; private set; }

    public async Task<Rejection?> Held(HeldCall held)
    {
        var (reply, who) = (new ChatReply(held.RunId, held.Model, held.Route, context.From, context.Summary, context.Memories.Count == 0 ? null : context.Memories, context.Preferences), SessionPaths.Agents(session));
        ChatCommand command = Number == 0
            ? new ChatCommand.Ask(who, session.SessionId, Saying.TurnId, Saying.Model, Saying.After, Saying.Repeats, Saying.Repeats is null ? Personal.Of(Saying.Words) : null, reply, Saying.Asked, Saying.Ends)
            : new ChatCommand.ReplyAnew(who, Number, reply);
        var answer = await chat.Send(command, call.Fresh());
        if (answer.Rejection is { } refused) return refused;

        _replies.Add(reply);
        Number = answer.As<ChatTurnKept>().Number;
        _told.Writer.TryWrite(new ChatTold.Replying(reply));
        return null;
    }

    /// <summary>Completes when it is made, and where its chat was deleted meanwhile nothing of it is kept: whoever deleted may have come before its reply was begun.</summary>
    public async Task Over(Task made, KeptReplies kept)
    {
        await made;
        try
        {
            if ((await chat.Send(new ChatCommand.Get(SessionPaths.Agents(session)), call.Fresh())).Rejection is not null)
            {
                await kept.Delete(call, session, _replies.Select(static reply => reply.RunId));
            }
        }
        catch (OperatingException)
        {
            // The store is away: what was made stands, and is shown as far as its chat is there.
        }
    }

    public ValueTask Hear(IReadOnlyList<ModelEvent> said)
    {
        _told.Writer.TryWrite(new ChatTold.Said([.. said]));
        return ValueTask.CompletedTask;
    }

    /// <summary>Everything that is told of it, to one who listens; nothing, where that is so for a while.</summary>
    /// <param name="made">Nothing more is told when it is.</param>
    /// <param name="ended">How the last of its replies stands then.</param>
    public async IAsyncEnumerable<ChatTold> All(Task made, Func<ChatReply, Task<ReplyNow>> ended, TimeProvider time)
    {
        _ = made.ContinueWith(_ => _told.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        yield return new ChatTold.Began(Saying.ChatId, Number, Saying.Words.Sentiment?.Label);
        for (var more = true; more;)
        {
            var next = _told.Reader.WaitToReadAsync().AsTask();
            while (await Task.WhenAny(next, Task.Delay(ChatLimits.HeartbeatEvery, time)) != next)
            {
                yield return new ChatTold.Said([]);
            }

            more = await next;
            while (_told.Reader.TryRead(out var told)) yield return told;
        }

        await made;
        yield return new ChatTold.Over(await ended(_replies[^1]));
    }
}
