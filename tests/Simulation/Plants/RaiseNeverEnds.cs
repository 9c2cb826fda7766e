using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>Whoever reserves finds raised caps in force for ever.</summary>
public sealed class RaiseNeverEnds : Plant
{
    public override string Name => "raise-never-ends";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = Decide, Evolve = Evolve },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) =>
        UserDecider.Decide(command is UserCommand.Node ? Endless(state) : state, command, context);

    private static UserState Evolve(UserState state, UserEvent happened, DateTimeOffset at) =>
        happened is UserEvent.HoldReserved ? Endless(state).Evolve(happened, at) with { Raise = state.Raise, GrantRaises = state.GrantRaises } : state.Evolve(happened, at);

    private static UserState Endless(UserState state) => state with
    {
        Raise = state.Raise is { } raise ? raise with { Until = DateTimeOffset.MaxValue } : null,
        GrantRaises = state.GrantRaises.SetItems(state.GrantRaises.Select(raise => KeyValuePair.Create(raise.Key, raise.Value with { Until = DateTimeOffset.MaxValue }))),
    };
}
