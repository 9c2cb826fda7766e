using System.Threading.Channels;
using Agora.Api.Metrics;
using Agora.Api.Tests.Support;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Metrics;

public sealed class UnresolvedPaymentsTests
{
    [Fact]
    public async Task They_are_looked_up_again_after_the_store_was_away_of_each_tenant_that_has_a_key_of_either_kind()
    {
        var (tables, time) = (new Asked(), new RungTime());
        using var reader = new TableReader(tables);
        using var payments = new UnresolvedPayments(
            reader,
            new ApiOptions
            {
                TokenKey = new byte[32],
                OperatorKeys = [AccessKey.Of(Tenant.Default, "tests", RunningApi.AdminKey)],
                PlatformKeys = [AccessKey.Of(RunningApi.Second, "tests", RunningApi.SecondPlatformKey)],
                Policy = new(30, 10),
                NotReady = _ => Task.FromResult<string?>(null),
            },
            time,
            NullLogger<UnresolvedPayments>.Instance);

        await payments.StartedAsync(default);

        Assert.Equal("default", await tables.Next()); // and is away
        for (var look = 0; look < 2; look++)
        {
            time.Ring();
            Assert.Equal(("default", "second"), (await tables.Next(), await tables.Next()));
        }

        Assert.Equal(Limits.UnresolvedLookedUp, time.Period);
        await payments.StopAsync(default);
    }

    /// <summary>Tells whose rows are asked for; the first time it is away.</summary>
    private sealed class Asked : ITables
    {
        private static readonly TimeSpan Patience = Hang.Timeout;
        private readonly Channel<string> _tenants = Channel.CreateUnbounded<string>();
        private bool _isThere;

        public Task<string> Next() => _tenants.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            var wasThere = _isThere;
            _isThere = true;
            _tenants.Writer.TryWrite((string)query.Where.First(condition => condition.Column == "tenant").Value!);
            return wasThere ? Task.FromResult(new TablePage([], 0)) : Task.FromException<TablePage>(new JournalUnavailableException("away"));
        }

        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => throw new NotSupportedException();

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => throw new NotSupportedException();

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => throw new NotSupportedException();
    }

    /// <summary>Its one timer rings when the test says so.</summary>
    private sealed class RungTime : TimeProvider, ITimer
    {
        private Action _ring = () => throw new InvalidOperationException("there is no timer");

        public TimeSpan Period { get; private set; }

        public void Ring() => _ring();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (Period, _ring) = (period, () => callback(state));
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
