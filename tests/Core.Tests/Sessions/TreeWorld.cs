using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Tests.Kernel;

namespace Agora.Core.Tests.Sessions;

/// <summary>One user and its sessions. Funds hold whatever they are asked for; a service is called when <see cref="Calls"/> shows it, and answers when the test says so.</summary>
internal sealed class TreeWorld(Random random)
{
    public static readonly StreamId User = StreamId.User("u1");

    private readonly DeciderWorld _world = new(random, new(2026, 1, 31, 20, 0, 0, TimeSpan.Zero))
    {
        Plays = static target => target is StepTarget.Entity { Stream.Kind: Kinds.Campaign, Command: var asked } ? new StepOutcome.Answered(Answer.Of(Funded(asked))) : null,
    };

    public DateTimeOffset Now => _world.Now;

    /// <summary>Runs whose service is called.</summary>
    public IReadOnlyList<Guid> Calls => [.. _world.Held.Select(RunOf)];

    public SessionState Session(string id) => _world.State<SessionState>(StreamId.Session(id));

    public void Pass(TimeSpan time) => _world.Pass(time);

    public Guid NewId() => _world.NewId();

    /// <summary>Null: the answer waits for a service.</summary>
    public Answer? Ask(StreamId stream, object command, Guid? id = null) => _world.Ask(stream, command, id);

    /// <summary>The service answers.</summary>
    public Answer Finish(Guid run, StepOutcome outcome)
    {
        var call = _world.Held.Single(held => RunOf(held) == run);
        _world.Held.Remove(call);
        _world.Conclude(call, outcome);
        _world.Carry();
        return _world.AnswerOf(run)!;
    }

    /// <summary>When every alarm has rung once, nothing is left to be done but runs whose service is called; and the laws hold.</summary>
    public void CheckReplays()
    {
        _world.Resume(restarted: false);
        _world.Carry();
        _world.Resume(restarted: false);
        Assert.Empty(_world.Messages);
        _world.CheckReplays();
    }

    private static Guid RunOf(Message call) => ((ServiceCall)((StepTarget.Outside)call.Step.Target).Call).RunId;

    private static object Funded(object asked) => asked switch
    {
        NodeCommand.Reserve reserve => new FundReserved(reserve.HoldId),
        CampaignCommand.CountCompletion count => new CompletionCounted(count.CompletionId),
        _ => new HoldEnded(Guid.Empty, HoldStanding.Posted),
    };
}
