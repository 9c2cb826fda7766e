using Agora.Core.Kernel;
using Agora.Core.Responses;

namespace Agora.Simulation.Plants;

/// <summary>A part of a reply is acknowledged, and shown, that stands in no journal.</summary>
public sealed class PartShownBeforeDurable : Plant
{
    public override string Name => "part-shown-before-durable";

    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Chats = true };

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ResponseState, ResponseCommand, ResponseEvent> response => response with { Decide = Decide },
        _ => entity,
    };

    private static Decision<ResponseState, ResponseEvent> Decide(ResponseState state, ResponseCommand command, Context context) =>
        command is ResponseCommand.Say { Number: > 0 } s && state.View is { EndedAt: null } view ? Decision<ResponseState, ResponseEvent>.Query(view with { Parts = s.Number + 1 }) : ResponseDecider.Decide(state, command, context);
}
