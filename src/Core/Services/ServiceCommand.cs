using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>What an operator says a service is. Checked at the edge (Api) and by the decider.</summary>
/// <param name="Provider">Id of the wallet that earns.</param>
/// <param name="Owner">Who is behind the provider; where a sponsor has the same owner, receipts say so.</param>
/// <param name="InputSchema">JSON Schema 2020-12 as JSON text, or null: anything.</param>
/// <param name="AuthHeader">Name of the header that carries the service's own credential; its value is sealed and write-only.</param>
/// <param name="TimeoutMs">Of one attempt; at most <see cref="Limits.ServiceTimeoutMs"/>.</param>
public sealed record ServiceDefinition(
    string Name,
    string Description,
    string Category,
    long PriceMicros,
    string Endpoint,
    string Provider,
    string? Owner,
    string? InputSchema,
    string? OutputSchema,
    string? AuthHeader,
    int TimeoutMs,
    bool Active);

/// <summary>A service as the catalogue shows it.</summary>
/// <param name="Disabled">Ten failed runs in a row; until an operator puts it again.</param>
public sealed record ServiceView(string ServiceId, ServiceDefinition Definition, bool Disabled, DateTimeOffset UpdatedAt);

/// <summary>Closed union; answers: PutService → <see cref="ServiceView"/>; Disable → <see cref="ServiceView"/>; Get → <see cref="ServiceView"/>, rejection not_found; GetSecret → <see cref="ServiceSecret"/>.</summary>
public abstract record ServiceCommand
{
    private ServiceCommand()
    {
    }

    /// <param name="Secret">JSON string; null with an AuthHeader keeps the secret that is there, null without one removes it.</param>
    public sealed record PutService(ServiceDefinition Definition, Personal? Secret) : ServiceCommand;

    /// <summary>Sent by whoever ran the service when ten of its runs failed in a row.</summary>
    public sealed record Disable(string Reason) : ServiceCommand;

    public sealed record Get : ServiceCommand;

    /// <summary>For the process that makes the call; never answered over HTTP.</summary>
    public sealed record GetSecret : ServiceCommand;

    public sealed record Tick : ServiceCommand;
}

public sealed record ServiceSecret(string? Header, Personal? Secret);
