using Agora.Contracts;

namespace Agora.TestEngine;

/// <summary>
/// One message under way: it waits at its grain, and once it has ended at the grain that sent it, if one did. It ends once, by an answer, a failure or
/// its time; what comes later is dropped.
/// </summary>
/// <param name="sentAt">A timestamp of the engine's clock.</param>
/// <param name="sender">In a turn of this one <paramref name="reply"/> is told; null: at once.</param>
internal sealed class Call(Envelope request, long sentAt, Patience patience, Activation? sender, IReply reply) : IReply, ITurn
{
    private object? _outcome;
    private Activation? _receiver;

    internal Envelope Request => request;
    internal long SentAt => sentAt;

    // The list of its patience, which guards them.
    internal Call? Before { get; set; }
    internal Call? After { get; set; }
    internal bool IsListed { get; set; }

    /// <summary>The grain has it, and is free of it when it has answered.</summary>
    /// <returns>False: its time is over, so it is not begun.</returns>
    internal bool Begin(Activation receiver)
    {
        if (patience.IsOver(this))
            End(new TimeoutException("It expired before its turn."));
        if (Volatile.Read(ref _outcome) is not null)
            return false;
        _receiver = receiver;
        return true;
    }

    /// <summary>In a turn of the grain that has it.</summary>
    public void Answered(object body)
    {
        Leave();
        End(body);
    }

    public void Failed(Exception failure)
    {
        Leave();
        End(failure);
    }

    internal void Expire() => End(new TimeoutException("The call was not answered in time."));

    /// <summary>In a turn of the sender's, or of nobody's.</summary>
    public void Turn()
    {
        if (_outcome is Exception failure)
            reply.Failed(failure);
        else
            reply.Answered(_outcome!);
    }

    private void Leave()
    {
        var receiver = _receiver;
        _receiver = null;
        receiver?.Finished();
    }

    private void End(object outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, outcome, null) is not null)
            return;
        patience.Remove(this);
        if (sender is null)
            Turn();
        else
            sender.Post(this);
    }
}
