using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Callers whose answer comes with a later decision. None waits longer than a grain call may last: its caller is gone by then,
/// and a call that never ends would keep an activation that is asked to leave from leaving, for ever.
/// </summary>
internal sealed class LateAnswers(TimeProvider time, Action<Command, object> finish)
{
    private readonly Dictionary<Guid, (Command Command, long Number)> _waiting = [];
    private readonly Queue<(Guid CommandId, long Number, long Since)> _ages = new();
    private long _numbers;
    private bool _watching;

    public void Wait(Command command)
    {
        var id = command.Envelope.CommandId;
        _waiting[id] = (command, ++_numbers);
        _ages.Enqueue((id, _numbers, time.GetTimestamp())); // without the answer, which may be a megabyte
        if (!_watching)
        {
            _ = Expire();
        }
    }

    public void Give(Guid commandId, Answer answer)
    {
        if (_waiting.Remove(commandId, out var waiting))
        {
            finish(waiting.Command, answer);
        }

        while (_ages.TryPeek(out var oldest) && !Waits(oldest.CommandId, oldest.Number))
        {
            _ages.Dequeue();
        }
    }

    public void Fail(OperatingFailure failure)
    {
        var left = _waiting.Values.ToList();
        _waiting.Clear();
        _ages.Clear();
        left.ForEach(waiting => finish(waiting.Command, failure));
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
                finish(waiting.Command, new OperatingFailure(FailureKind.Timeout));
            }
        }

        _watching = false;
    }
}
