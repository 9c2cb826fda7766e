using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Web;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Admin.Checks;

/// <summary>How this process is, for whoever runs the installation: what readiness says to anyone, and what it rests on besides.</summary>
internal sealed partial class CheckEndpoints(ApiOptions options, Catalogues catalogues, IEnumerable<ICheckup> checkups, ILogger<CheckEndpoints> log) : IFeature
{
    public static readonly Operation<NoFields> Check = new(Audience.Operators, "check_health", "GET /admin/health", "How this process is: store, outbound calls, facilitator, disk, money, the journal's verification; what is not well says what mends it")
    {
        Read = NoFields.Read,
        OfInstallation = true,
        Data = typeof(HealthReportData),
        DataExample = $$"""{"checks":[{{CheckData.Example}}]}""",
    };

    public void Map(Routes routes) => routes.Map(Check, CheckHealth);

    private async Task<Reply> CheckHealth(OperatorCall call, NoFields _)
    {
        var looked = await Task.WhenAll(checkups.Select(checkup => Look(checkup, call.Cancel)));
        return Reply.Ok(new HealthReportData([.. new[] { await Store(call.Cancel), Outbound(call) }.Concat(looked).Select(CheckData.Of)]));
    }

    /// <summary>A check that throws is reported as not well, so one failure does not hide the other checks.</summary>
    private async Task<Checked> Look(ICheckup checkup, CancellationToken cancel)
    {
        try
        {
            return await checkup.Look(cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Failed(log, checkup.Name, e);
            return new(checkup.Name, CheckState.Unwell, $"It could not be checked: {e.GetType().Name}.", "See the server's log: it has the reason.");
        }
    }

    private async Task<Checked> Store(CancellationToken cancel) => await options.NotReady(cancel) is { } why
        ? new("store", CheckState.Unwell, $"Not ready: {why}.", "See the log: a full disk, a lost database, a clock that is off or a process that still starts are what it mostly is.")
        : new("store", CheckState.Well, "The journal answers.");

    private Checked Outbound(OperatorCall call)
    {
        var refused = catalogues.In(call.Tenant).Services.Where(service => service.Definition is { Active: true, IsAsked: false } && options.EndpointRefusal(service.Definition.Endpoint) is not null).Select(service => service.ServiceId).Order(StringComparer.Ordinal).ToList();
        return refused.Count == 0
            ? new("outbound", CheckState.Well, $"Calls go to public addresses{options.OutboundBesides}; no service's address is refused.")
            : new("outbound", CheckState.Unwell, $"Calls are refused to the addresses of {string.Join(", ", refused.Take(Core.Kernel.Limits.StatusItems))}.", "Name their addresses in AGORA_OUTBOUND_ALLOW, or put the services with others.");
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The check {Name} of GET /admin/health failed")]
    private static partial void Failed(ILogger log, string name, Exception e);
}

internal sealed record HealthReportData(IReadOnlyList<CheckData> Checks);

/// <param name="State">One of <see cref="States"/>.</param>
internal sealed record CheckData(string Name, string State, string Says, string? Mend)
{
    public const string Example = """{"name":"store","state":"well","says":"The journal answers.","mend":null}""";

    public static readonly IReadOnlyList<string> States = ["well", "unwell", "off"];

    public static CheckData Of(Checked looked) => new(looked.Name, States[(int)looked.State], looked.Says, looked.Mend);
}
