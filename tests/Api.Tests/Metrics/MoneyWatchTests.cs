using Agora.Api.Admin.Checks;
using Agora.Api.Admin.Headroom;
using Agora.Api.Admin.Wallets;
using Agora.Api.Metrics;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Journal;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Metrics;

public sealed class MoneyWatchTests
{
    [Fact]
    public async Task Where_all_is_well_books_are_off_by_nothing_and_the_oldest_hold_has_its_age()
    {
        await using var api = await RunningApi.Start();
        await api.Services.GetServices<IHostedService>().OfType<MoneyWatch>().Single().LookUp(default);

        var text = await api.Client.Text("/metrics", null);
        Assert.Contains("agora_ledger_imbalance_cents 0\n", text, StringComparison.Ordinal);
        Assert.Matches("agora_holds_oldest_age_seconds [0-9]+\n", text); // other tests' servers hold something in this process, too
    }

    [Fact]
    public async Task Money_that_is_twice_in_one_tenant_and_nowhere_in_another_is_all_of_it_off()
    {
        await using var api = await RunningApi.Start();
        var options = api.Services.GetRequiredService<ApiOptions>();
        using var watch = new MoneyWatch(new Ledger(new Off()), api.Services.GetRequiredService<OpenHolds>(), api.Services.GetRequiredService<TenantTimes>(), options, TimeProvider.System, NullLogger<MoneyWatch>.Instance);
        using var metrics = new MetricsText();

        await watch.LookUp(default);

        Assert.Contains("agora_ledger_imbalance_cents 5\n", metrics.Render(), StringComparison.Ordinal);
        var said = await ((ICheckup)watch).Look(default);
        Assert.Equal((CheckState.Unwell, "All funds and what is in transit differ from 0 by 5 cents."), (said.State, said.Says));
    }

    [Fact]
    public async Task Operators_are_told_that_all_money_adds_up()
    {
        await using var api = await RunningApi.Start();
        var checks = (await api.Client.Admin(HttpMethod.Get, "/admin/health")).Expect(200).Data.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("state").GetString());
        Assert.Equal("well", checks["money"]);
    }

    /// <summary>2 cents too many in the first tenant, 3 too few in the second.</summary>
    private sealed class Off : ITables
    {
        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<long>>([tenant == Tenant.Default.Name ? 20_000 : tenant == RunningApi.Second.Name ? -30_000 : 0, 0, 0, 0, 0]);

        public Task<TablePage> Query(TableQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => throw new NotSupportedException();

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => throw new NotSupportedException();

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => throw new NotSupportedException();
    }
}
