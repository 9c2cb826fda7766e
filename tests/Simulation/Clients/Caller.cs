using System.Text.Json;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Checks;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// Somebody outside who sends commands as the API does, and sends them again, under the same command id, when no answer comes.
/// Now and then it also asks again for what it has been told already.
/// </summary>
/// <param name="random">Null: one of the seed's.</param>
public abstract class Caller(Tenant tenant, Random? random = null)
{
    private const int MostTries = 4;

    protected Tenant Tenant { get; } = tenant;

    protected SimCluster Cluster => Tenant.Cluster;

    protected Random Random { get; } = random ?? new(tenant.Cluster.Random.Next());

    protected IEntities Entities => Tenant.Entities;

    protected StreamId Stream(string kind, string id) => new(Tenant.Name, kind, id);

    protected Task Pause(TimeSpan upTo) => Task.Delay(Drawn(upTo), Cluster.Time);

    /// <summary>Pauses before it asks for something new, where several tenants make it slow for minutes; false: it is closing time, when nobody does.</summary>
    protected async Task<bool> GoesOn(TimeSpan after)
    {
        if (!Cluster.Closing)
        {
            var (pause, left) = (Drawn(after), Cluster.LastWaking - Cluster.Time.GetUtcNow());
            await Task.Delay(pause < left ? pause : left, Cluster.Time);
        }

        return !Cluster.Closing;
    }

    private TimeSpan Drawn(TimeSpan upTo) => TimeSpan.FromTicks(Random.NextInt64(upTo.Ticks) + 1);

    /// <summary>A command without a client's key.</summary>
    protected Sending NewSending() => new(Tenant.NewId(), null);

    /// <summary>A command under a client's own Idempotency-Key.</summary>
    protected Sending NewKeyed(string credential)
    {
        var key = Cluster.NewId().ToString("N");
        return new(Ids.FromKey(Tenant.Name, credential, key), new(credential, key, new string('a', 64), 86_400, Guid.Empty));
    }

    /// <param name="what">For the checker's sentence.</param>
    /// <param name="inJournal">Counts the outcome in the journal; null when an answer leaves nothing there (a query, a refusal).</param>
    /// <param name="isWritten">Whether it was this command that wrote the outcome: where another had, an answer leaves nothing, and a repeat is decided anew. Null: it was.</param>
    /// <returns>Null: nobody knows.</returns>
    protected async Task<Answer?> Ask<TCommand>(EntityRef<TCommand> entity, TCommand command, Sending sending, string what, Func<Answer, Func<History, int>?> inJournal, Func<Guid, bool>? isWritten = null)
        where TCommand : class
    {
        if (await Try(entity, command, sending, what) is not { } answer) return null;

        if (inJournal(answer) is { } outcome)
        {
            var first = new Acknowledgement(what, sending.CommandId, Text(answer), outcome);
            Cluster.Acknowledgements.Given(first);
            if (sending.Key is not null)
            {
                Cluster.Acknowledged.Add(new(Cluster.Time.GetUtcNow(), first, late => late.Try(entity, command, sending, what)));
            }

            if (sending.Key is { } used && Random.Next(8) == 0 && Cluster.IsStored(Tenant.Name, used))
            {
                await AskOtherwise(entity, command, sending with { Key = used with { BodyHash = new string('b', 64) } }, what);
            }

            if (Random.Next(6) == 0)
            {
                await Pause(TimeSpan.FromSeconds(6));
                if (await Try(entity, command, sending, what) is { } again && !IsTooOldToBeKnown(sending, again) && isWritten?.Invoke(sending.CommandId) != false)
                {
                    Cluster.Acknowledgements.Repeated(first, Text(again));
                }
            }
        }

        return answer;
    }

    /// <summary>A command is known for a while, and this one was slow to arrive, or time was advanced meanwhile, or its tenant was reset. The owner's clock may be ahead of this caller's.</summary>
    private bool IsTooOldToBeKnown(Sending sending, Answer answer)
    {
        Cluster.History.CatchUp();
        var kept = sending.Key is { } key ? TimeSpan.FromSeconds(key.KeptSeconds) : Limits.OutcomeKept;
        return answer.Rejection is { Code: Codes.TestReset } || answer.Rejection is { Code: Codes.Unavailable }
            && Cluster.Time.GetUtcNow() + Tenant.Clocks.Ahead - Ids.TimeOf(sending.CommandId) > kept - (2 * Cluster.Options.Rates.MaxSkew);
    }

    /// <summary>What is put again as it is, or closed again, changes nothing: such an answer leaves nothing in the journal, and is decided anew when it is sent again.</summary>
    protected Task<Answer?> Change<TEvent, TCommand>(EntityRef<TCommand> entity, TCommand command, string credential, string what)
        where TCommand : class
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(credential);
        return Ask(entity, command, sending, what, given => given.Reply is not null && Count(Cluster.History) > 0 ? Count : null);

        int Count(History history)
        {
            history.CatchUp();
            return history.Count<TEvent>(entity.Stream, (_, c) => c.CommandId == sending.CommandId);
        }
    }

    protected static async Task Until(Func<Task<Answer?>> told)
    {
        while (await told() is null)
        {
        }
    }

    /// <summary>Until it is answered, under one id; under another where the clock was advanced while it was on its way.</summary>
    protected async Task<Answer> Insist<TCommand>(EntityRef<TCommand> entity, TCommand command)
        where TCommand : class
    {
        for (var id = Tenant.NewId(); ;)
        {
            try
            {
                var answer = await entity.Send(command, new(id));
                if (answer.Rejection?.Code != Codes.Unavailable) return answer;

                id = Tenant.NewId();
            }
            catch (OperatingException)
            {
                await Pause(Limits.WokenEvery); // somebody began in the storm
            }
        }
    }

    protected T Any<T>(IReadOnlyList<T> list) => list[Random.Next(list.Count)];

    /// <summary>Its key has an outcome: with another body it is refused, wherever it arrives; of a user who was erased nobody can tell two bodies apart.</summary>
    private async Task AskOtherwise<TCommand>(EntityRef<TCommand> entity, TCommand command, Sending other, string what)
        where TCommand : class
    {
        var answer = await Try(entity, command, other, what);
        Cluster.Findings.Expect(
            answer is null or { Rejection.Code: Codes.IdempotencyConflict or Codes.Unavailable or Codes.TestReset } || IsErased(entity.Stream),
            $"{what} ({other.CommandId}), sent again under its key with another body, was answered {(answer is null ? null : Text(answer))}.");
    }

    /// <summary>The stream's person is no more; whoever was answered by now reads it here.</summary>
    private bool IsErased(StreamId stream)
    {
        Cluster.History.CatchUp();
        if (stream.Kind == Kinds.Conversation) return Cluster.History.Count<ConversationEvent.Erased>(stream, static (_, _) => true) > 0;

        var user = stream.Kind == Kinds.Memory ? stream with { Kind = Kinds.User, Id = MemoryIds.UserOf(stream.Id) } : stream.Kind is Kinds.Watch or Kinds.Chat ? stream with { Kind = Kinds.User, Id = OwnedIds.UserOf(stream.Id) }
            : stream.Kind == Kinds.Session && Cluster.History.Streams.TryGetValue(stream.ToString(), out var session)
            ? session.Events.Select(c => c.Event).OfType<SessionEvent.Begun>().Select(e => stream with { Kind = Kinds.User, Id = e.UserId }).FirstOrDefault(stream)
            : stream;
        return Cluster.History.Count<UserEvent.PersonalDataErased>(user, static (_, _) => true) > 0;
    }

    protected static bool IsReply<TReply>(Answer answer) => answer.Reply is TReply;

    private async Task<Answer?> Try<TCommand>(EntityRef<TCommand> entity, TCommand command, Sending sending, string what)
        where TCommand : class
    {
        Tenant.Clocks.Sent(sending.CommandId, Cluster.Time.GetUtcNow());
        for (var tries = Random.Next(1, MostTries + 1); tries > 0; tries--)
        {
            try
            {
                // A key's request id is one a request; a repeat of the same request, as here, is another.
                var answer = await entity.Send(command, new(sending.CommandId, null, sending.Key is { } key ? key with { RequestId = Cluster.NewId() } : null));
                if (answer.Rejection?.Code != Codes.IdempotencyInFlight)
                {
                    Look(entity.Stream, sending, answer, what);
                    return answer;
                }
            }
            catch (OperatingException failed)
            {
                Note(entity.Stream, sending, failed.Failure.Kind, what);
            }
            catch (Exception escaped)
            {
                Cluster.Findings.Add($"{what} ({sending.CommandId}) failed with {escaped.GetType().Name} instead of a typed failure: {escaped.Message}");
                return null;
            }

            await Pause(TimeSpan.FromSeconds(3));
        }

        return null;
    }

    /// <summary>Once, for whoever does not wait for another try.</summary>
    /// <exception cref="OperatingException">Nobody knows what came of it.</exception>
    protected async Task<Answer> Once<TCommand>(EntityRef<TCommand> entity, TCommand command, Sending sending, string what)
        where TCommand : class
    {
        Tenant.Clocks.Sent(sending.CommandId, Cluster.Time.GetUtcNow());
        try
        {
            var answer = await entity.Send(command, new(sending.CommandId, null, sending.Key is { } key ? key with { RequestId = Cluster.NewId() } : null));
            Look(entity.Stream, sending, answer, what);
            return answer;
        }
        catch (OperatingException failed)
        {
            Note(entity.Stream, sending, failed.Failure.Kind, what);
            throw;
        }
    }

    private void Note(StreamId stream, Sending sending, FailureKind failed, string what)
    {
        if (failed == FailureKind.Overloaded)
        {
            Cluster.Overloads.Refused(stream, sending.CommandId);
        }

        if (failed == FailureKind.Defect)
        {
            Cluster.Findings.AddNoticed($"{what} ({sending.CommandId}) met a defect.");
        }
    }

    private void Look(StreamId stream, Sending sending, Answer answer, string what)
    {
        if (stream.Tenant != Tenant.Name || !Tenant.IsTest) return;

        Cluster.History.Read(); // a reset may have been committed just now
        Tenant.Clocks.Answered($"{what} ({sending.CommandId})", sending.CommandId, answer.Rejection?.Code == Codes.TestReset);
    }

    /// <summary>A run that waits for its user is acknowledged as that.</summary>
    protected void Waits(string session, Sending sending, RunView waits, string what) => Cluster.Acknowledgements.Given(new(
        what, sending.CommandId, "awaiting_approval", history => history.Count<RunEvent.AwaitsApproval>(
            Stream(Kinds.Session, session), (e, _) => e.Run.RunId == waits.RunId && e.Run.Waiting.ExpiresAt == waits.ApprovalUntil)));

    // Without the rate, which is soft: no journal knows of it. Where users are erased, an output or a profile may have been told and be gone.
    protected string Text(Answer answer)
    {
        object said = answer.Reply switch
        {
            RunView run => run with { Rate = null, AboveMicros = null, Output = Cluster.Options.Erases ? null : run.Output },
            UserView user when Cluster.Options.Erases => user with { Profile = null },
            var reply => reply ?? answer.Rejection!,
        };
        return JsonSerializer.Serialize(said, said.GetType(), StoredJson.Options);
    }
}

/// <summary>What a client was told under a key, and may ask again as whoever it is.</summary>
public sealed record Told(DateTimeOffset At, Acknowledgement First, Func<Caller, Task<Answer?>> Again);

/// <summary>One command as its client keeps it, to send it again.</summary>
public sealed record Sending(Guid CommandId, CommandKey? Key);
