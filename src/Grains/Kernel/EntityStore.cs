using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using StreamWriter = Agora.Journal.StreamWriter;

namespace Agora.Grains.Kernel;

/// <summary>What a load found.</summary>
/// <param name="ReadAt">Timestamp taken before the head was read: how fresh the activation is.</param>
public sealed record Loaded<TState>(TState State, DateTimeOffset At, StreamHead Head, long ReadAt);

/// <summary>An entity's way to and from the journal: rows to state, decisions to entries, repeats to their first answers.</summary>
public sealed class EntityStore<TDecider, TState, TCommand, TEvent>(StreamId stream, EntityPorts ports)
    where TDecider : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private const int Page = 1_000;

    /// <summary>Rows between two snapshots: what a load replays at most, but for the last two minutes.</summary>
    private const int SnapshotEvery = 500;
    private static readonly TimeSpan Ripe = Limits.OutcomeKept + Limits.ReserveMaxAhead;
    private readonly string _name = stream.ToString();
    private readonly RecentCommands _recent = new();
    private long _snapshotSeq;
    private Durable? _ripening;

    public async Task<Loaded<TState>> Load(CancellationToken cancel)
    {
        var readAt = ports.Time.GetTimestamp();
        var (state, head) = (TDecider.Initial(stream), StreamHead.Empty);
        var at = DateTimeOffset.UnixEpoch;
        var erased = false;
        if (await ports.Journal.LoadSnapshot(_name, cancel) is { } snapshot && await Open(snapshot) is { } saved)
        {
            (state, head, _snapshotSeq) = (saved, new(snapshot.Seq, snapshot.Hash), snapshot.Seq);
        }

        for (var rows = await ports.Journal.Read(_name, head.Seq, Page, cancel); rows.Count > 0; rows = await ports.Journal.Read(_name, head.Seq, Page, cancel))
        {
            foreach (var row in rows)
            {
                foreach (var entry in RowCodec.Decode(row))
                {
                    at = Timestamps.FromMicros(entry.AtMicros);
                    for (var index = 0; index < entry.Events.Count; index++)
                    {
                        var @event = await ports.Open(TDecider.Events, _name, entry, index);
                        state = TDecider.Evolve(state, @event, at);
                        erased |= @event is IErasesPersonalKey;
                        _recent.Add(TDecider.Recall(@event, entry.CommandId)?.CommandId, row.Seq, at);
                    }
                }

                head = new(row.Seq, row.Hash);
            }

            if (rows.Count < Page)
            {
                break;
            }
        }

        if (erased)
        {
            await Erase(state); // a crash may have come between the event and the key
        }

        return new(state, at, head, readAt);
    }

    public EntryDraft<TDecider, TState, TCommand, TEvent> Draft(Guid commandId, TCommand command, DateTimeOffset now, PersonalKey? key) =>
        new(_name, commandId, command, now, key);

    /// <summary>What follows from a durable entry besides its answer.</summary>
    public async ValueTask AfterCommit(IReadOnlyList<TEvent> events, IReadOnlyList<Guid> recalls, long seq, DateTimeOffset now, StreamWriter writer)
    {
        foreach (var id in recalls)
        {
            _recent.Add(id, seq, now);
        }

        foreach (var @event in events)
        {
            if (@event is IErasesPersonalKey)
            {
                await Erase((TState)writer.Durable.State!);
            }
        }

        if (_ripening is null && writer.Durable is { State: not null } durable && durable.Head.Seq - _snapshotSeq >= SnapshotEvery)
        {
            _ripening = durable;
        }

        if (_ripening is { } ripe && now.ToMicros() - ripe.AtMicros > (long)Ripe.TotalMicroseconds)
        {
            _ripening = null;
            await SaveSnapshot(ripe);
        }
    }

    /// <summary>
    /// Saves a durable state, unless it is younger than <see cref="Limits.OutcomeKept"/>: outcomes of holds and recent command
    /// ids stay out of snapshots, so a snapshot may be loaded only when all of them are too old to matter.
    /// </summary>
    public async Task SaveSnapshot(Durable durable)
    {
        var age = ports.Time.GetUtcNow().ToMicros() - durable.AtMicros;
        if (durable.State is not TState state || durable.Head.Seq - _snapshotSeq < SnapshotEvery || age <= Ripe.TotalMicroseconds)
        {
            return;
        }

        try
        {
            var key = await ports.PersonalKey(TDecider.PersonalKey(state));
            var bytes = TDecider.Save(state);
            await ports.Journal.SaveSnapshot(
                _name,
                new(durable.Head.Seq, durable.Head.Hash, TDecider.SnapshotVersion, key?.Id, key is null ? bytes : key.Seal(bytes, SealContext.Snapshot(_name, durable.Head.Seq))),
                CancellationToken.None);
            _snapshotSeq = durable.Head.Seq;
        }
        catch (JournalUnavailableException)
        {
            // A snapshot saves time only: the next one comes later.
        }
    }

    /// <summary>The answer of a command that was decided before, or null.</summary>
    public async ValueTask<Answer?> Recall(Envelope envelope)
    {
        if (envelope.Key is not { } key)
        {
            return _recent.Find(envelope.CommandId) is { } seq ? await Recall(envelope, seq)
                : IsStale(envelope) ? Answer.No(KeyRejection.Stale)
                : null;
        }

        var used = await ports.Journal.FindKey(stream.Tenant, key.Credential, key.Key, CancellationToken.None);
        return used is null ? null
            : used.Stream != _name || !used.BodyHash.Span.SequenceEqual(Convert.FromHexString(key.BodyHash)) ? Answer.No(KeyRejection.Conflict)
            : await Recall(envelope, used.Seq);
    }

    private bool IsStale(Envelope envelope) =>
        !envelope.IsStep && Ids.IsVersion7(envelope.CommandId) && ports.Time.GetUtcNow() - Ids.TimeOf(envelope.CommandId) > Limits.OutcomeKept;

    private async Task<Answer> Recall(Envelope envelope, long seq)
    {
        foreach (var row in await ports.Journal.Read(_name, seq - 1, 1, CancellationToken.None))
        {
            foreach (var entry in RowCodec.Decode(row))
            {
                for (var index = 0; index < entry.Events.Count; index++)
                {
                    var @event = await ports.Open(TDecider.Events, _name, entry, index);
                    if (TDecider.Recall(@event, entry.CommandId) is { } settled && settled.CommandId == envelope.CommandId)
                    {
                        return settled.Answer with { Replayed = true };
                    }
                }
            }
        }

        throw new InvariantViolationException("recalled_entry_exists");
    }

    private async Task<TState?> Open(Snapshot snapshot)
    {
        if (snapshot.Version != TDecider.SnapshotVersion)
        {
            return null;
        }

        var rows = await ports.Journal.Read(_name, snapshot.Seq - 1, 1, CancellationToken.None);
        if (rows is not [var row] || !row.Hash.Span.SequenceEqual(snapshot.Hash.Span))
        {
            return null;
        }

        var bytes = snapshot.KeyId is null
            ? snapshot.State
            : (await ports.PersonalKey(snapshot.KeyId))?.Open(snapshot.State.Span, SealContext.Snapshot(_name, snapshot.Seq));
        return bytes is { } saved ? TDecider.Restore(saved) : null;
    }

    private Task Erase(TState state) =>
        TDecider.PersonalKey(state) is { } keyId ? ports.Keys.Destroy(keyId, CancellationToken.None) : Task.CompletedTask;
}
