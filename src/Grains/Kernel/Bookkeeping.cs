using System.Diagnostics;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Kernel;

/// <summary>
/// Rows that answer recent commands, for repeats; known from the decision on, before the row is durable, so that nothing is
/// decided again in between. Bounded by time: <see cref="Limits.OutcomeKept"/> after the decision, and after the time of the command's id
/// where that is later, so that none is forgotten before it is too old to be decided.
/// </summary>
internal sealed class RecentCommands
{
    private readonly Dictionary<Guid, long> _durable = []; // numbers alone: there are as many as were decided in minutes
    private readonly Dictionary<Guid, Appending> _written = [];
    private readonly Queue<Guid> _writing = new();
    private readonly Queue<(Guid Id, long At)> _ages = new();

    /// <summary>Of all that were ever added: the latest time of a decision, or of a command's id.</summary>
    public DateTimeOffset Latest { get; private set; }

    public void Add(Guid commandId, Appending row, DateTimeOffset at)
    {
        if (!_durable.ContainsKey(commandId) && _written.TryAdd(commandId, row))
        {
            var since = Ids.IsVersion7(commandId) && Ids.TimeOf(commandId) is var minted && minted > at ? minted : at;
            _writing.Enqueue(commandId);
            _ages.Enqueue((commandId, since.UtcTicks));
            Latest = since > Latest ? since : Latest;
        }

        Settle();
        while (_ages.TryPeek(out var oldest) && at.UtcTicks - oldest.At > Limits.OutcomeKept.Ticks)
        {
            _durable.Remove(oldest.Id);
            _written.Remove(oldest.Id);
            _ages.Dequeue();
        }
    }

    public Appending? Find(Guid commandId) => _durable.TryGetValue(commandId, out var seq) ? Appending.Of(new AppendResult(AppendStatus.Written, seq)) : _written.GetValueOrDefault(commandId);

    // Those that came to nothing end the activation, and all of this with it.
    private void Settle()
    {
        while (_writing.TryPeek(out var first))
        {
            if (_written.TryGetValue(first, out var row))
            {
                if (!row.IsWritten) return;

                _written.Remove(first);
                _durable[first] = row.Result.Seq;
            }

            _writing.Dequeue();
        }
    }
}

/// <summary>
/// How far the stream was searched in vain for the outcome of a keyed command: a row that decides it later stands behind that. Bounded to
/// the last <see cref="Kept"/> commands; who is forgotten is searched for again.
/// </summary>
internal sealed class SearchedKeys
{
    private const int Kept = 1_024;
    private readonly Dictionary<Guid, long> _upTo = [];
    private readonly Queue<Guid> _order = new();

    public long UpTo(Guid commandId) => _upTo.GetValueOrDefault(commandId);

    public void Add(Guid commandId, long seq)
    {
        if (_upTo.TryAdd(commandId, seq))
        {
            _order.Enqueue(commandId);
        }
        else
        {
            _upTo[commandId] = seq;
        }

        if (_order.Count > Kept)
        {
            _upTo.Remove(_order.Dequeue());
        }
    }
}

/// <summary>Commands that are being answered here, by id; and the client keys that their entries have yet to take.</summary>
internal sealed class CommandsInFlight
{
    private readonly Dictionary<Guid, Command> _commands = [];

    public Command? Find(Guid commandId) => _commands.GetValueOrDefault(commandId);

    public void Add(Command command) => _commands.Add(command.Envelope.CommandId, command);

    public void Remove(Command command)
    {
        if (!command.IsOwn)
        {
            _commands.Remove(command.Envelope.CommandId);
        }
    }

    /// <summary>
    /// The key that an entry takes: of the command that it opens or, where nothing was opened, of the one that it decides. So a
    /// repeat that meets another activation, between the two or after both, finds it.
    /// </summary>
    public (Guid CommandId, CommandKey Key)? KeyTaken(Guid commandId, bool opens, IReadOnlyList<Guid> decides)
    {
        if (opens && TakeKey(commandId) is { } opened) return opened;

        foreach (var id in decides)
        {
            if (TakeKey(id) is { } decided) return decided;
        }

        return null;
    }

    private (Guid CommandId, CommandKey Key)? TakeKey(Guid id)
    {
        if (_commands.GetValueOrDefault(id) is not { KeyIsStored: false, Envelope.Key: { } key } command) return null;

        command.KeyIsStored = true;
        return (id, key);
    }
}

/// <summary>A command that is being answered here.</summary>
/// <param name="reply">Told the answer, as are those that <see cref="AlsoAnswers"/> adds; null: the entity's own, for which nobody waits.</param>
/// <param name="step">The step that ends with it, if one does.</param>
internal sealed class Command(Envelope envelope, IReply? reply, IRunningStep? step = null)
{
    private List<IReply>? _others;
    private TaskCompletionSource? _lookedUp;
    private bool _hasLookedUp = envelope.Key is null;

    public Envelope Envelope { get; } = envelope;

    /// <summary>Null: nobody listens.</summary>
    public Activity? Span { get; set; }

    /// <summary>Of whatever follows from it.</summary>
    public string? Trace => Span?.Id ?? Envelope.Trace;

    /// <summary>Ends when it is known whether the journal has the key, and for which body.</summary>
    public Task LookedUp => _hasLookedUp ? Task.CompletedTask : (_lookedUp ??= new()).Task;

    public bool IsOwn => reply is null;

    /// <summary>The journal has the key, or gets it with an entry that is queued: an entry that took it again would conflict with itself.</summary>
    public bool KeyIsStored { get; set; }

    /// <summary>The same command came again.</summary>
    public void AlsoAnswers(IReply other) => (_others ??= []).Add(other);

    public void HasLookedUp()
    {
        _hasLookedUp = true;
        _lookedUp?.TrySetResult();
    }

    public bool IsFinished { get; private set; }

    public void Finish(object body)
    {
        IsFinished = true;
        Spans.End(Span, body);
        step?.Done();
        reply?.Answered(body);
        _others?.ForEach(other => other.Answered(body));
    }
}

/// <summary>
/// When a stream's one alarm must be written. It is coarse, so that a busy stream writes it once in half a minute and not once
/// a command: it is set when none stands or the one that stands is later than needed, and moved or cleared when it has rung.
/// </summary>
public sealed class StreamAlarm
{
    private bool _known;
    private DateTimeOffset? _at;

    public AlarmChange? Next(DateTimeOffset? due, bool unfinished, bool rang, DateTimeOffset now)
    {
        // What is overdue is tried again in half a minute, which no decision meanwhile puts off.
        if (due <= now || (unfinished && (due is null || due > now + Limits.UnfinishedAlarm)))
        {
            due = now + Limits.UnfinishedAlarm;
        }

        var movesOn = rang && (!_known || _at is null || _at <= now);
        if (movesOn ? _known && _at is null && due is null : due is null || (_at is { } standing && standing <= due)) return null;

        (_known, _at) = (true, due);
        return new(_at?.ToMicros());
    }
}
