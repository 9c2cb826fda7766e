using System.Globalization;
using Agora.Core.Kernel;
using Agora.Core.Moves;

namespace Agora.Core.Tests.Moves;

/// <summary>All sessions of a user are on one side.</summary>
public sealed class MoveTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private MoveState _move = MoveState.Initial(Tenant.Default.Move(MoveIds.Of("agent-1", "ann:1")));

    [Fact]
    public void A_session_is_known_once_and_all_are_switched_at_once()
    {
        Assert.Single(Does(new MoveCommand.Know("s1")));
        Assert.Empty(Does(new MoveCommand.Know("s1")));
        Does(new MoveCommand.Know("s0"));
        Does(new MoveCommand.Know("half"));
        Assert.Single(Does(new MoveCommand.Come("s1")));
        Assert.Empty(Does(new MoveCommand.Come("s1")));
        Assert.Empty(Does(new MoveCommand.Come("nobody's")));
        Does(new MoveCommand.Come("s0"));
        var switched = Assert.Single(Does(new MoveCommand.Switch(MoveSides.New)));
        Assert.Empty(Does(new MoveCommand.Switch(MoveSides.New)));

        Assert.Equal(new MoveView(MoveSides.New, Start, 3), _move.View);
        Assert.Equal([("s0", "ann:1", "new"), ("s1", "ann:1", "new")], MoveTables.Rows(_move, switched).Select(static row => ((string)row.Values[1]!, (string)row.Values[2]!, (string)row.Values[4]!)));
        Assert.Single(Does(new MoveCommand.Know("s2")));
        Assert.Equal("old", Assert.Single(MoveTables.Rows(_move, new MoveEvent.Known("s2"))).Values[4]);
        var came = Assert.Single(Does(new MoveCommand.Come("s2")));
        Assert.Equal("new", Assert.Single(MoveTables.Rows(_move, came)).Values[4]);
        Assert.Equal("old", Assert.Single(MoveTables.Rows(_move, new MoveEvent.Known("half"))).Values[4]);
    }

    [Fact]
    public void A_switch_that_is_sent_again_is_answered_as_it_was()
    {
        Does(new MoveCommand.Know("s1"));
        var (first, key) = (Decide(new MoveCommand.Switch(MoveSides.New)), Guid.NewGuid());
        Does(new MoveCommand.Switch(MoveSides.New));
        Does(new MoveCommand.Know("s2"));
        Does(new MoveCommand.Switch(MoveSides.Old));

        var recalled = MoveEntity.Entity.Recall(Assert.Single(first.Events), key)!;

        Assert.Equal((key, (object?)new MoveView(MoveSides.New, Start, 1)), (recalled.CommandId, recalled.Answer.Reply));
        Assert.Equal(first.Answer!.Reply, recalled.Answer.Reply);
    }

    [Fact]
    public void So_many_sessions_are_known_and_no_more()
    {
        for (var i = 0; i < MoveLimits.Sessions; i++) Does(new MoveCommand.Know(i.ToString(CultureInfo.InvariantCulture)));

        Assert.Equal(MoveRejection.TooMany, Decide(new MoveCommand.Know("one too many")).Answer!.Rejection);
        Assert.Empty(Does(new MoveCommand.Know("0")));
    }

    [Fact]
    public void It_is_the_same_after_a_snapshot_and_its_id_has_no_agents_name()
    {
        Does(new MoveCommand.Know("s1"));
        Does(new MoveCommand.Know("s2"));
        Does(new MoveCommand.Come("s2"));
        Does(new MoveCommand.Switch(MoveSides.Both));
        var (save, restore) = (MoveEntity.Entity.Snapshots.Save, MoveEntity.Entity.Snapshots.Restore);

        Assert.Equal(save(_move), save(restore(save(_move))));
        Assert.DoesNotContain("agent-1", _move.Stream.Id, StringComparison.Ordinal);
        Assert.Equal(64, MoveIds.SessionOf("cookie").Length);
    }

    private IReadOnlyList<MoveEvent> Does(MoveCommand command)
    {
        var decision = Decide(command);
        Assert.Null(decision.Answer!.Rejection);
        foreach (var happened in decision.Events)
        {
            _move = _move.Evolve(happened, Start);
            _move.CheckInvariants();
        }

        return decision.Events;
    }

    private Decision<MoveState, MoveEvent> Decide(MoveCommand command) => MoveDecider.Decide(_move, command, new(Start, Guid.NewGuid()));
}
