using System.Diagnostics.Metrics;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Web;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Metrics;

/// <summary>
/// Numbers of all tenants that have keys. They are looked up every <see cref="Limits.UnresolvedLookedUp"/>, not when they are scraped: metrics are there also while the store is away. Each process says
/// the same.
/// </summary>
/// <param name="meter">The meter's name.</param>
/// <param name="what">Names them in the log.</param>
/// <typeparam name="TFound">What one look found.</typeparam>
internal abstract partial class LookedUp<TFound>(string meter, string what, ApiOptions options, TimeProvider time, ILogger log) : BackgroundWork
    where TFound : class
{
    private volatile TFound? _found;

    protected Meter Meter { get; } = new(meter);

    protected IReadOnlyList<Tenant> Tenants { get; } = options.Tenants;

    public async Task LookUp(CancellationToken cancel) => _found = await Look(cancel);

    public override void Dispose()
    {
        Meter.Dispose();
        base.Dispose();
    }

    protected abstract Task<TFound> Look(CancellationToken cancel);

    /// <summary>Null: nothing was looked up yet.</summary>
    protected TFound? Latest => _found;

    /// <summary>Nothing before the first look: a 0 would say that all is well.</summary>
    protected IEnumerable<Measurement<decimal>> Seen(Func<TFound, decimal> value) => _found is { } found ? [new(value(found))] : [];

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.UnresolvedLookedUp, time);
        do
        {
            try
            {
                await LookUp(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NotLookedUp(log, what, e); // the numbers stay as they were; readiness says whether the store or the cluster is away
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{What} were not looked up")]
    private static partial void NotLookedUp(ILogger log, string what, Exception e);
}
