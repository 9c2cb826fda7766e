using Agora.Contracts;

namespace Agora.Client;

/// <summary>Where the cluster is, and who asks.</summary>
public sealed record AgoraClientOptions
{
    /// <summary>Name of Orleans' provider for PostgreSQL, in silos and clients alike.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>Connection string of the silos' PostgreSQL (<c>AGORA_POSTGRES</c>): gateways are found there. Reading <c>orleansquery</c> and the membership tables is all that is needed.</summary>
    public required string Postgres { get; init; }

    /// <summary>The silos' <c>AGORA_CLUSTER_ID</c>.</summary>
    public string ClusterId { get; init; } = "agora";

    /// <summary>The silos' <c>AGORA_SERVICE_ID</c>.</summary>
    public string ServiceId { get; init; } = "agora";

    /// <summary>Name and key as they stand in the silos' <c>AGORA_SERVICE_KEYS</c>. What the service may do is the silos' to say.</summary>
    public required Caller Caller { get; init; }

    /// <summary>PEM files, where the silos have <c>AGORA_CLUSTER_TLS_…</c>; null: no TLS.</summary>
    public ClusterTls? Tls { get; init; }
}
