using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>What a run's row says of its request follows from its service: a transfer has none. Routes as they were when stores began to leave them out; rows of another one keep it.</summary>
internal static class RunLines
{
    public static readonly IReadOnlyList<Derived> Columns =
    [
        new("operation", "service_id", static service => service.Length == 0 ? "transfer" : "run_service"),
        new("endpoint", "service_id", static service => service.Length == 0 ? "POST /agent/wallet/transfer" : "POST /agent/services/{service_id}/run"),
        new("request_summary", "service_id", static service => service.Length == 0 ? "" : $"service_id={service}"),
        new("payer_id", "campaign_id", static campaign => campaign),
    ];
}
