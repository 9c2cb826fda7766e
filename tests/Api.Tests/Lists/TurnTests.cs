using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Api.Tests.Lists;

/// <summary>Who looks further takes turns, and keeps the store from nobody else.</summary>
public sealed class TurnTests
{
    [Fact]
    public async Task So_many_look_further_at_once_the_others_wait_and_all_else_is_answered()
    {
        const int Pages = Limits.LooksAtOnce + 2;
        await using var store = await Store.Open("memory");
        var far = new Far(store.Journal);
        await using var api = await RunningApi.Start(store: far);

        var pages = Enumerable.Range(0, Pages).Select(_ => api.Client.Admin(HttpMethod.Get, "/admin/payments?user_id=user-1&payer=Nobody")).ToList();
        await far.Turned.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await far.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        (await api.Client.Admin(HttpMethod.Get, "/admin/users")).Expect(200);
        Assert.Equal(Limits.LooksAtOnce, far.Most);
        far.Gate.SetResult();

        foreach (var page in pages) Assert.True((await page).Expect(200).Data.GetProperty("has_more").GetBoolean());
        Assert.Equal((Limits.LooksAtOnce, Pages), (far.Most, far.Looks));
    }

    /// <summary>Of which what everybody looks at is never enough, and what is looked at further is held.</summary>
    private sealed class Far(IJournal inner) : DelegatingJournal(inner)
    {
        private readonly Lock _lock = new();
        private int _begun;
        private int _now;

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Turned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Most { get; private set; }

        public int Looks { get; private set; }

        public override async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            if (query.Sieve.Count == 0) return await base.Query(query, cancel);

            if (query.LookAt > Limits.LookedAtFirst)
            {
                Enter();
                await Gate.Task.WaitAsync(cancel);
                lock (_lock) _now--;
            }
            else if (Interlocked.Increment(ref _begun) == Limits.LooksAtOnce + 2)
            {
                Begun.SetResult();
            }

            return new([], 0) { LookedTo = [1L, "r"] };
        }

        private void Enter()
        {
            lock (_lock)
            {
                (Looks, _now) = (Looks + 1, _now + 1);
                Most = Math.Max(Most, _now);
            }

            if (Looks == Limits.LooksAtOnce)
            {
                Turned.TrySetResult();
            }
        }
    }
}
