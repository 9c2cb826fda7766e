using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Simulation.Plants;

/// <summary>Whatever a service's output is, it fits.</summary>
public sealed class SchemaUnchecked : Plant
{
    public override string Name => "schema-unchecked";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ServiceState, ServiceCommand, ServiceEvent> service => service with
        {
            Decide = (state, command, context) => service.Decide(
                command is ServiceCommand.GetSecret && state.View is { } view ? state with { View = view with { Definition = view.Definition with { OutputSchema = null } } } : state, command, context),
        },
        _ => entity,
    };
}
