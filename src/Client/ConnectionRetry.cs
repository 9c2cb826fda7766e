using Microsoft.Extensions.Logging;
using Orleans;

namespace Agora.Client;

/// <summary>A client that starts tries once a second to reach the cluster. What keeps it from there is logged every <see cref="LogEvery"/>: silos that are starting too need less.</summary>
internal sealed partial class ConnectionRetry(AgoraClientOptions options, TimeProvider time, ILogger<ConnectionRetry> log) : IClientConnectionRetryFilter
{
    public static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1), LogEvery = TimeSpan.FromSeconds(10);

    private long _loggedAt = time.GetTimestamp();

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_loggedAt) >= LogEvery)
        {
            _loggedAt = time.GetTimestamp();
            NotReached(log, options.ClusterId, exception.GetBaseException().Message, options.Tls is null ? "without" : "with");
        }

        await Task.Delay(RetryEvery, time, cancellationToken);
        return true;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "No silo of cluster {ClusterId} answers: {Reason} The client tries again every second, {With} TLS; silos with AGORA_CLUSTER_TLS_CERT answer clients with TLS only")]
    private static partial void NotReached(ILogger log, string clusterId, string reason, string with);
}
