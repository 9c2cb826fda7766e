using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Callers whose answer comes with a later decision. None waits longer than a grain call may last: its caller is gone by then,
/// and a call that never ends would keep an activation that is asked to leave from leaving, for ever.
/// <para>Decided once also where the caller has gone: what it asked elsewhere is still on its way, and whoever sends the command again waits for that. It would be asked, and recorded, twice.</para>
/// </summary>
internal sealed class LateAnswers(TimeProvider time, Action<Command, object> finish)
{
    private readonly Dictionary<Guid, (Command Command, long Number)> _waiting = [];
    private readonly Queue<(Guid CommandId, long Number, long Since)> _ages = new();
    private readonly Dictionary<Guid, (CommandKey? Key, long Number)> _left = [];
    private readonly Queue<(Guid CommandId, long Number, long Since)> _leavings = new();
    private long _numbers;
    private bool _watching;

    /// <summary>It was decided here, and its caller has left: it waits on, or is told that its key stands for another request.</summary>
    /// <returns>False: it is not known.</returns>
    public bool TakesUp(Command command)
    {
        ForgetOld();
        var id = command.Envelope.CommandId;
        if (!_left.TryGetValue(id, out var left)) return false;

        if (KeyRejection.Between(left.Key, command.Envelope.Key) == KeyRejection.Conflict)
        {
            finish(command, Answer.No(KeyRejection.Conflict));
            return true;
        }

        _left.Remove(id);
        Wait(command);
        return true;
    }

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
        _left.Remove(commandId);
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
        _left.Clear();
        _leavings.Clear();
        _ages.Clear();
        left.ForEach(waiting => finish(waiting.Command, failure));
    }

    // The command may have come again, and wait anew.
    private bool Waits(Guid commandId, long number) => _waiting.TryGetValue(commandId, out var waiting) && waiting.Number == number;

    private void Leave(Command command)
    {
        ForgetOld();
        var id = command.Envelope.CommandId;
        _left[id] = (command.Envelope.Key, ++_numbers);
        _leavings.Enqueue((id, _numbers, time.GetTimestamp()));
    }

    // Whatever it asked is decided, or stale, when outcomes are forgotten.
    private void ForgetOld()
    {
        while (_leavings.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since) > Limits.OutcomeKept)
        {
            _leavings.Dequeue();
            if (_left.TryGetValue(oldest.CommandId, out var left) && left.Number == oldest.Number)
            {
                _left.Remove(oldest.CommandId);
            }
        }
    }

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
                Leave(waiting.Command);
                finish(waiting.Command, new OperatingFailure(FailureKind.Timeout));
            }
        }

        _watching = false;
    }
}
