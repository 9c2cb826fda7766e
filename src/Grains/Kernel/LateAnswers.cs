using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

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
