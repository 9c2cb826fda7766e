using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>/healthz says that the process answers, /readyz that it can serve: its journal can be written and nothing else is in the way.</summary>
internal sealed class Health(ApiOptions options) : IFeature
{
    public void Map(Routes routes) => routes.Document("/healthz", Live).Document("/readyz", Ready);

    private static Task<Reply> Live(CancellationToken _) => Task.FromResult(Reply.Ok(new HealthData("live")));

    private async Task<Reply> Ready(CancellationToken cancel) =>
        await options.NotReady(cancel) is { } why ? Reply.Refused(new(Codes.Unavailable, why, RetryAfterSeconds: 1, Retry: true)) : Reply.Ok(new HealthData("ready"));

    private sealed record HealthData(string State);
}
