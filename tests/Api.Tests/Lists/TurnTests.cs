using Agora.Api.Tests.Support;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Api.Tests.Lists;

/// <summary>Who looks further takes turns, and keeps the store from nobody else.</summary>
public sealed class TurnTests
{
    private const int Pages = 4;

    [Fact]
    public async Task One_of_a_tenant_looks_further_at_once_the_others_wait_and_all_else_is_answered()
    {
        await using var store = await Store.Open("memory");
        var far = new Far(store.Journal);
        await using var api = await RunningApi.Start(store: far);

        var pages = Enumerable.Range(0, Pages).Select(_ => api.Client.Admin(HttpMethod.Get, "/admin/payments?user_id=user-1&payer=Nobody")).ToList();
        await far.Turned.Task.WaitAsync(Hang.Timeout);
        await far.Begun.Task.WaitAsync(Hang.Timeout);
        (await api.Client.Admin(HttpMethod.Get, "/admin/users")).Expect(200);
        Assert.Equal(1, far.Most);
        far.Gate.SetResult();

        foreach (var page in pages) Assert.True((await page).Expect(200).Data.GetProperty("has_more").GetBoolean());
        Assert.Equal((1, Pages), (far.Most, far.Looks));
    }

    [Fact]
    public async Task Tenants_have_their_turns_beside_each_other_up_to_a_bound()
    {
        using var turns = new Turns();
        var first = await turns.Take("first", default);
        var behind = turns.Take("first", default);
        using (await turns.Take("second", default).WaitAsync(Hang.Timeout))
        {
            var third = turns.Take("third", default);
            Assert.False(behind.IsCompleted || third.IsCompleted);
            first.Dispose();
            (await third.WaitAsync(Hang.Timeout)).Dispose();
        }

        (await behind.WaitAsync(Hang.Timeout)).Dispose();
    }

    [Fact]
    public async Task Who_comes_behind_too_many_is_told_to_come_again_and_who_goes_away_makes_room()
    {
        using var turns = new Turns();
        using var gone = new CancellationTokenSource();
        var first = await turns.Take("first", default);
        var waiting = Enumerable.Range(1, Limits.LooksWaiting - 1).Select(_ => turns.Take("first", gone.Token)).ToList();

        Assert.Equal(FailureKind.Overloaded, (await Assert.ThrowsAsync<OperatingException>(() => turns.Take("first", default))).Failure.Kind);
        (await turns.Take("second", default)).Dispose();

        await gone.CancelAsync();
        foreach (var one in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        first.Dispose();
        (await turns.Take("first", default)).Dispose();
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
            else if (Interlocked.Increment(ref _begun) == Pages)
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

            Turned.TrySetResult();
        }
    }
}
