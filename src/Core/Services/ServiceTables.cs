using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>One row a service. The definition as JSON text is what the catalogue's index is built from; the secret is not in it.</summary>
public static class ServiceTables
{
    public static readonly Table Services = new("services", 2, "tenant", "service_id", "name", "category", "active", "disabled", "definition", "updated_at", "overcharges", "retry_at");

    public static IEnumerable<Row> Rows(ServiceState state)
    {
        if (state.View is { } view)
        {
            yield return Services.Row(
                state.Stream.Tenant,
                state.Stream.Id,
                view.Definition.Name,
                view.Definition.Category,
                view.Definition.Active ? 1L : 0L,
                view.Disabled ? 1L : 0L,
                JsonSerializer.Serialize(view.Definition, StoredJson.Options),
                view.UpdatedAt.ToMicros(),
                view.Overcharges,
                view.RetryAt?.ToMicros());
        }
    }
}
