using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>What a card opened goes on, though the card was revoked.</summary>
public sealed class CardSessionsKept : Plant
{
    public override string Name => "card-sessions-kept";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with
        {
            Decide = static (state, command, context) => command is UserCommand.EndKey { KeyId: Openers.Card } ? Decision<UserState, UserEvent>.Accept(Nothing.Value) : UserDecider.Decide(state, command, context),
        },
        _ => entity,
    };
}
