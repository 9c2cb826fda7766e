using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>A step under way.</summary>
internal sealed record Message(StreamId From, Step Step);

/// <summary>What becomes of a message.</summary>
internal enum Fate
{
    Arrives,
    IsLost,
    ComesTwice,
    AnswerIsLost,

    /// <summary>And once more when everything may be over.</summary>
    ComesAgainLate,
}

/// <summary>How messages are carried: one by one as the test says, or all of them, in an order that is drawn.</summary>
internal sealed partial class DeciderWorld
{
    private readonly List<(StreamId To, object Command)> _told = [];
    private readonly List<StepTarget.Entity> _strays = [];

    /// <summary>Takes it from those under way.</summary>
    public Message Take(int which)
    {
        var taken = _messages[which];
        _messages.RemoveAt(which);
        return taken;
    }

    /// <summary>What is still to be done comes under way, and nothing else is: as an alarm sees to it, or a process that begins.</summary>
    /// <param name="restarted">What the process before had begun itself is given up.</param>
    public void Resume(bool restarted = true)
    {
        _messages.Clear();
        _messages.AddRange(Unfinished().Where(message => restarted || message.Step.Target is not StepTarget.Self));
    }

    /// <summary>The target decides, and nobody hears of it. Null: it answers later.</summary>
    public Answer? Reach(Message message)
    {
        var target = (StepTarget.Entity)message.Step.Target;
        _told.Add((target.Stream, target.Command));
        var id = NewId();
        var answer = Tell(target.Stream, target.Command, id);
        if (answer is null)
        {
            _asking.Add(id, message);
        }

        return answer;
    }

    /// <summary>The sender hears what came of it.</summary>
    public void Conclude(Message message, StepOutcome outcome)
    {
        if (message.Step.Then(outcome) is not { } command) return;

        _told.Add((message.From, command));
        Tell(message.From, command);
    }

    public void Deliver(Message message, Fate fate = Fate.Arrives)
    {
        if (Plays(message.Step.Target) is { } played)
        {
            Conclude(message, played);
            return;
        }

        switch (message.Step.Target)
        {
            case StepTarget.Outside:
                Held.Add(message);
                break;
            case StepTarget.Entity when fate != Fate.IsLost:
                Deliver(message, (StepTarget.Entity)message.Step.Target, fate);
                break;
            default:
                Conclude(message, new StepOutcome.Unreachable());
                break;
        }
    }

    /// <summary>Something that was said before, to whomever, is said again.</summary>
    public void Repeat(int which)
    {
        if (_told.Count > 0)
        {
            Tell(_told[which % _told.Count].To, _told[which % _told.Count].Command);
        }
    }

    /// <summary>Each stream's alarm rings: what it has yet to do, and what it asks about.</summary>
    public void Ring()
    {
        foreach (var stream in _streams.Values.ToList())
        {
            _messages.AddRange(UnfinishedOf(stream));
            Tell(stream.Stream, stream.Tick);
        }

        Carry();
    }

    /// <summary>Processes end: what is soft is forgotten, what is under way is lost, and whoever waits is told nothing.</summary>
    public void Crash()
    {
        foreach (var stream in _streams.Values) stream.Reload();
        _messages.Clear();
        _asking.Clear();
    }

    /// <summary>In an order that is drawn, until nothing is under way.</summary>
    public void Carry()
    {
        while (_messages.Count > 0)
        {
            var message = Take(random.Next(_messages.Count));
            if (_strays.Count > 0 && random.Next(30) == 0)
            {
                Stray(random.Next(_strays.Count));
            }

            if (Storms && random.Next(40) == 0)
            {
                Pass(TimeSpan.FromSeconds(random.Next(1, 150)));
            }

            if (Storms && random.Next(300) == 0)
            {
                Crash();
                return;
            }

            Deliver(message, Storms ? Drawn() : Fate.Arrives);
        }
    }

    private void Deliver(Message message, StepTarget.Entity target, Fate fate)
    {
        if (fate == Fate.ComesAgainLate && Strays(message.From))
        {
            _strays.Add(target);
        }

        if (fate == Fate.ComesTwice)
        {
            Tell(target.Stream, target.Command);
        }

        if (Reach(message) is { } answer)
        {
            Conclude(message, fate == Fate.AnswerIsLost ? new StepOutcome.Unreachable() : new StepOutcome.Answered(answer));
        }
    }

    // Two of three messages arrive.
    private Fate Drawn() => random.Next(12) switch { 0 => Fate.IsLost, 1 => Fate.ComesTwice, 2 => Fate.AnswerIsLost, 3 => Fate.ComesAgainLate, _ => Fate.Arrives };

    private void Stray(int which)
    {
        var stray = _strays[which];
        _strays.RemoveAt(which);
        Tell(stray.Stream, stray.Command);
    }
}
