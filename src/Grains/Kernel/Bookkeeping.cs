using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Kernel;

/// <summary>
/// Rows that answer recent commands, for repeats; known from the decision on, before the row is durable, so that nothing is
/// decided again in between. Bounded by time: <see cref="Limits.OutcomeKept"/>.
/// </summary>
internal sealed class RecentCommands
{
    private readonly Dictionary<Guid, Task<AppendResult>> _rows = [];
    private readonly Queue<(Guid Id, DateTimeOffset At)> _ages = new();

    public void Add(Guid commandId, Task<AppendResult> row, DateTimeOffset at)
    {
        if (_rows.TryAdd(commandId, row))
        {
            _ages.Enqueue((commandId, at));
        }

        while (_ages.TryPeek(out var oldest) && at - oldest.At > Limits.OutcomeKept)
        {
            _rows.Remove(oldest.Id);
            _ages.Dequeue();
        }
    }

    public Task<AppendResult>? Find(Guid commandId) => _rows.GetValueOrDefault(commandId);
}

/// <summary>
/// Callers whose answer comes with a later decision. None waits longer than a grain call may last: its caller is gone by then,
/// and a call that never ends would keep an activation that is asked to leave from leaving, for ever.
/// </summary>
internal sealed class LateAnswers(TimeProvider time)
{
    private readonly Dictionary<Guid, (TaskCompletionSource<Answer> Answer, long Number)> _waiting = [];
    private readonly Queue<(Guid CommandId, long Number, long Since)> _ages = new();
    private long _numbers;
    private bool _watching;

    public Task<Answer> Wait(Guid commandId)
    {
        var waiting = new TaskCompletionSource<Answer>();
        _waiting[commandId] = (waiting, ++_numbers);
        _ages.Enqueue((commandId, _numbers, time.GetTimestamp())); // without the answer, which may be a megabyte
        if (!_watching)
        {
            _ = Expire();
        }

        return waiting.Task;
    }

    public void Settle(Guid commandId, Answer answer)
    {
        if (_waiting.Remove(commandId, out var waiting))
        {
            waiting.Answer.SetResult(answer);
        }

        while (_ages.TryPeek(out var oldest) && !Waits(oldest.CommandId, oldest.Number))
        {
            _ages.Dequeue();
        }
    }

    public void Fail(OperatingFailure failure)
    {
        foreach (var waiting in _waiting.Values)
        {
            Fail(waiting.Answer, failure);
        }

        _waiting.Clear();
        _ages.Clear();
    }

    private static void Fail(TaskCompletionSource<Answer> waiting, OperatingFailure failure)
    {
        waiting.SetException(new NotDecidedException(failure));
        _ = waiting.Task.Exception; // seen: its caller may be gone
    }

    // The command may have come again, and wait anew.
    private bool Waits(Guid commandId, long number) => _waiting.TryGetValue(commandId, out var waiting) && waiting.Number == number;

    // One timer for all: they wait equally long, so the oldest is the next.
    private async Task Expire()
    {
        _watching = true;
        while (_ages.TryPeek(out var oldest))
        {
            var left = Limits.GrainCallTimeout - time.GetElapsedTime(oldest.Since);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left + TimeSpan.FromMilliseconds(1), time);
                continue;
            }

            _ages.Dequeue();
            if (Waits(oldest.CommandId, oldest.Number) && _waiting.Remove(oldest.CommandId, out var waiting))
            {
                Fail(waiting.Answer, new(FailureKind.Timeout));
            }
        }

        _watching = false;
    }
}

/// <summary>Steps under way, by what they work on: an alarm resumes only what nothing works on here.</summary>
internal sealed class RunningSteps
{
    private readonly Dictionary<Guid, int> _counts = [];
    private TaskCompletionSource? _idle;

    public bool Has(Guid key) => key != default && _counts.ContainsKey(key);

    public void Add(IReadOnlyCollection<Step> steps)
    {
        foreach (var step in steps)
        {
            _counts[step.Key] = _counts.GetValueOrDefault(step.Key) + 1;
        }
    }

    public void Remove(Guid key)
    {
        if ((_counts[key] -= 1) == 0)
        {
            _counts.Remove(key);
        }

        if (_counts.Count == 0)
        {
            _idle?.TrySetResult();
        }
    }

    public Task Idle() => _counts.Count == 0 ? Task.CompletedTask : (_idle ??= new()).Task;
}

/// <summary>
/// When a stream's one alarm must be written. It is coarse, so that a busy stream writes it once in half a minute and not once
/// a command: it is set when none stands or the one that stands is later than needed, and moved or cleared when it has rung.
/// </summary>
internal sealed class StreamAlarm
{
    private bool _known;
    private DateTimeOffset? _at;

    public AlarmChange? Next(DateTimeOffset? due, bool unfinished, bool rang, DateTimeOffset now)
    {
        if (unfinished && (due is null || due > now + Limits.UnfinishedAlarm))
        {
            due = now + Limits.UnfinishedAlarm;
        }

        var movesOn = rang && (!_known || _at is null || _at <= now);
        if (movesOn ? _known && _at is null && due is null : due is null || (_at is { } standing && standing <= due))
        {
            return null;
        }

        (_known, _at) = (true, due <= now ? now + Limits.UnfinishedAlarm : due);
        return new(_at?.ToMicros());
    }
}
