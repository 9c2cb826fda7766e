using System.Collections.Immutable;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>What a load found.</summary>
/// <param name="ReadAt">Timestamp taken before the head was read: how fresh the activation is.</param>
public sealed record Loaded<TState>(TState State, DateTimeOffset At, StreamHead Head, long ReadAt);

/// <summary>An entity's way to and from the journal: rows to state, decisions to entries, repeats to their first answers.</summary>
public sealed class EntityStore<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, EntityPorts ports)
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private const int Page = 1_000;

    private static readonly TimeSpan Ripe = Limits.OutcomeKept + Limits.ReserveMaxAhead;
    private readonly string _name = stream.ToString();
    private readonly RecentCommands _recent = new();
    private readonly SearchedKeys _searched = new();
    private long _snapshotSeq;
    private (Durable Durable, DateTimeOffset Since)? _ripening;

    public async Task<Loaded<TState>> Load(CancellationToken cancel)
    {
        var readAt = ports.Time.GetTimestamp();
        var (state, head) = (entity.Initial(stream), StreamHead.Empty);
        var at = DateTimeOffset.UnixEpoch;
        var erased = false;
        if (await ports.Journal.LoadSnapshot(_name, cancel) is { } snapshot && await Open(snapshot) is { } saved)
        {
            (state, at, head, _snapshotSeq) = (saved.State, saved.At, new(snapshot.Seq, snapshot.Hash), snapshot.Seq);
        }

        for (var rows = await ports.Journal.Read(_name, head.Seq, Page, cancel); rows.Count > 0; rows = await ports.Journal.Read(_name, head.Seq, Page, cancel))
        {
            foreach (var row in rows)
            {
                var stored = Appending.Of(new AppendResult(AppendStatus.Written, row.Seq));
                foreach (var entry in RowCodec.Decode(row))
                {
                    at = Timestamps.FromMicros(entry.AtMicros);
                    for (var index = 0; index < entry.Events.Count; index++)
                    {
                        var @event = await ports.Keys.Open(entity.Events, _name, entry, index);
                        state = entity.Evolve(state, @event, at);
                        erased |= @event is IErasesPersonalKey;
                        if (entity.Recall(@event, entry.CommandId) is { } recalled)
                        {
                            _recent.Add(recalled.CommandId, stored, at);
                            if (recalled.Also is { } also)
                            {
                                _recent.Add(also, stored, at);
                            }
                        }
                    }
                }

                head = new(row.Seq, row.Hash);
            }

            if (JournalPages.EndsWith(rows, Page)) break;
        }

        if (erased)
        {
            await Erase(state); // a crash may have come between the event and the key
        }

        return new(state, at, head, readAt);
    }

    public EntryDraft<TState, TCommand, TEvent> Draft(Envelope envelope, DateTimeOffset now, PersonalKey? key, int events) =>
        new(entity, _name, stream.Tenant, envelope, now, key, events);

    /// <summary>From now on repeats of these commands are answered from this row, when it is durable.</summary>
    public void Remember(IReadOnlyList<Guid> recalls, Appending row, DateTimeOffset now)
    {
        foreach (var id in recalls)
        {
            _recent.Add(id, row, now);
        }
    }

    /// <summary>What follows from a durable entry besides its answer.</summary>
    public ValueTask AfterCommit(ImmutableArray<TEvent> events, DateTimeOffset now, Durable durable)
    {
        if (_ripening is null && durable.State is not null && durable.Head.Seq - _snapshotSeq >= ports.SnapshotEvery)
        {
            _ripening = (durable, Since(durable));
        }

        var ripe = _ripening is { } ripening && now - ripening.Since > Ripe ? _ripening : null;
        return ripe is null && !Erases(events) ? default : AfterCommit(events, durable, ripe);
    }

    private static bool Erases(ImmutableArray<TEvent> events)
    {
        foreach (var @event in events)
        {
            if (@event is IErasesPersonalKey) return true;
        }

        return false;
    }

    private async ValueTask AfterCommit(ImmutableArray<TEvent> events, Durable durable, (Durable Durable, DateTimeOffset Since)? ripe)
    {
        if (Erases(events))
        {
            await Erase((TState)durable.State!);
        }

        if (ripe is { } saved)
        {
            _ripening = null;
            await SaveSnapshot(saved.Durable, saved.Since);
        }
    }

    // An id may be from ahead, and is known for as long after its own time: where a tenant's clock was advanced, by hours.
    private DateTimeOffset Since(Durable durable) => Timestamps.FromMicros(durable.AtMicros) is var at && at > _recent.Latest ? at : _recent.Latest;

    /// <summary>
    /// Saves a durable state, unless it is younger than <see cref="Limits.OutcomeKept"/>: outcomes of holds and recent command
    /// ids stay out of snapshots, so a snapshot may be loaded only when all of them are too old to matter.
    /// </summary>
    public Task SaveSnapshot(Durable durable) => SaveSnapshot(durable, Since(durable));

    private async Task SaveSnapshot(Durable durable, DateTimeOffset since)
    {
        var isRipe = durable.Head.Seq - _snapshotSeq >= ports.SnapshotEvery && ports.Time.GetUtcNow() - since > Ripe;
        if (!isRipe || durable.State is not TState state) return;

        try
        {
            var key = await ports.PersonalKey(entity.PersonalKey(state));
            var bytes = entity.Snapshots.Save(state);
            await ports.Journal.SaveSnapshot(
                _name,
                ports.Snapshots.Seal(_name, new(
                    durable.Head.Seq, durable.Head.Hash, entity.Snapshots.Version, key?.Id, key is null ? bytes : key.Seal(bytes, SealContext.Snapshot(_name, durable.Head.Seq)))),
                CancellationToken.None);
            _snapshotSeq = durable.Head.Seq;
        }
        catch (JournalUnavailableException)
        {
            // A snapshot saves time only: the next one comes later.
        }
    }

    /// <summary>
    /// What became of an earlier use of the client's key: its outcome, or a conflict with it. A key is taken by the entry that
    /// opens or decides its command, and names the row that decided it, however far behind; where that came to nothing, or is still
    /// open, the command is decided (again). A process of the release before leaves the key at the opening row, so what is not in the row named
    /// is looked for behind it to the stream's end; and only once, so that whoever repeats the key of a refused command does not have a long
    /// stream read for each request.
    /// </summary>
    /// <returns>The answer, if there is one; and whether the journal has the key.</returns>
    public async ValueTask<(Answer? Answer, bool KeyIsStored)> FindKey(Envelope envelope, PersonalKey? person)
    {
        if (envelope.Key is not { } key
            || await ports.Journal.FindKey(stream.Tenant, key.Credential, key.Key, CancellationToken.None) is not { } used)
        {
            return (null, false);
        }

        return used.Stream != _name || !BodyHashes.IsSame(used.BodyHash.Span, key.BodyHash, person)
            ? (Answer.No(KeyRejection.Conflict), true)
            : (await Recall(envelope.CommandId, used.Seq), true);
    }

    /// <summary>The row that answers a command which was decided lately, here or before this activation; else null.</summary>
    public Appending? FindRecent(Guid commandId) => _recent.Find(commandId);

    /// <summary>Without a key a command is known by its id for a while only; after that nobody can say whether it was decided.</summary>
    /// <param name="last">The stream's time, by which ids are forgotten: the clock of this process may be behind it.</param>
    public bool IsStale(Envelope envelope, DateTimeOffset last) => envelope is { IsStep: false, Key: null } && Ids.IsVersion7(envelope.CommandId)
        && (ports.Time.GetUtcNow() is var now && now > last ? now : last) - Ids.TimeOf(envelope.CommandId) > Limits.OutcomeKept;

    /// <summary>The answer in the row that is known to hold it.</summary>
    public async Task<Answer> Recall(Guid commandId, Appending row)
    {
        var stored = await row;
        return stored.Status == AppendStatus.Written
            ? await Find(commandId, stored.Seq) ?? throw new InvariantViolationException("recalled_entry_exists")
            : throw new NotDecidedException(Failures.Of(stored.Status));
    }

    private async ValueTask<Answer?> Recall(Guid commandId, long seq)
    {
        if (_searched.UpTo(commandId) < seq && await Find(commandId, seq) is { } named) return named;

        var upTo = Math.Max(seq, _searched.UpTo(commandId));
        for (var rows = await ports.Journal.Read(_name, upTo, Page, CancellationToken.None); rows.Count > 0; rows = await ports.Journal.Read(_name, upTo, Page, CancellationToken.None))
        {
            foreach (var row in rows)
            {
                if (await Find(commandId, row) is { } answer) return answer;
            }

            upTo = rows[^1].Seq;
            if (JournalPages.EndsWith(rows, Page)) break;
        }

        _searched.Add(commandId, upTo);
        return null;
    }

    private async Task<Answer?> Find(Guid commandId, long seq) =>
        await ports.Journal.Read(_name, seq - 1, 1, CancellationToken.None) is [var row] ? await Find(commandId, row) : null;

    private async ValueTask<Answer?> Find(Guid commandId, JournalRow row)
    {
        foreach (var entry in RowCodec.Decode(row))
        {
            for (var index = 0; index < entry.Events.Count; index++)
            {
                var @event = await ports.Keys.Open(entity.Events, _name, entry, index);
                if (entity.Recall(@event, entry.CommandId) is { } recalled && recalled.IsOf(commandId))
                {
                    return recalled.Answer with { Replayed = true };
                }
            }
        }

        return null;
    }

    private async Task<(TState State, DateTimeOffset At)?> Open(Snapshot stored)
    {
        if (ports.Snapshots.Open(_name, stored, out var snapshot) is not SnapshotCode.Right and var code)
        {
            ports.Log.SnapshotIgnored(_name, stored.Seq, code);
            return null;
        }

        return await entity.Snapshots.Restored(_name, snapshot, ports.Journal, keyId => ports.PersonalKey(keyId), CancellationToken.None);
    }

    private Task Erase(TState state) =>
        entity.PersonalKey(state) is { } keyId ? ports.Keys.Destroy(keyId, CancellationToken.None) : Task.CompletedTask;
}
