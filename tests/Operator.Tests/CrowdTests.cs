using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Agora.Operator.Tests;

/// <summary>Wrong passwords from many connections do not keep people with right ones out. Addresses are those that a proxy names.</summary>
public sealed class CrowdTests
{
    [Fact]
    public async Task Nobody_guesses_so_much_from_one_address_that_others_cannot_sign_in()
    {
        await using var world = await Behind();
        await world.PutPerson("new", "198.51.100.9");

        await using var crowd = await Crowd.Come(world, connections: 30, addresses: 1);
        var browser = new Browser(world.From("198.51.100.7"), null);
        await ConsoleWorld.SignInByPassword(browser, "new");

        Assert.Equal((HttpStatusCode.OK, "new"), (browser.Status, SignedInAs(browser)));
        await crowd.Leave();
        Assert.True(crowd.IsRefused, crowd.ToString());
    }

    [Fact]
    public async Task Wrong_passwords_on_48_connections_from_8_addresses_refuse_nobody_who_signed_in_before()
    {
        await using var world = await Behind();
        var people = new List<(string Name, HttpClient Http)>();
        for (var i = 0; i < 4; i++)
        {
            var (name, address) = ($"known-{i}", $"198.51.100.{i + 1}");
            await world.PutPerson(name, address);
            people.Add((name, world.From(address)));
            await ConsoleWorld.SignInByPassword(new(people[i].Http, null), name);
        }

        await using var crowd = await Crowd.Come(world, connections: 48, addresses: 8);
        var seen = new ConcurrentBag<(HttpStatusCode, string?)>();
        await Task.WhenAll(people.Select(async person =>
        {
            for (var round = 0; round < 3; round++)
            {
                var browser = new Browser(person.Http, null);
                await ConsoleWorld.SignInByPassword(browser, person.Name);
                seen.Add((browser.Status, SignedInAs(browser)));
            }
        }));

        Assert.Equal(people.SelectMany(static person => Enumerable.Repeat((HttpStatusCode.OK, (string?)person.Name), 3)).Order(), seen.Order());
        await crowd.Leave();
        Assert.True(crowd.IsRefused, crowd.ToString());
    }

    private static async Task<ConsoleWorld> Behind()
    {
        var world = new ConsoleWorld { Settings = [new("AGORA_TRUSTED_PROXIES", "127.0.0.1/32")] };
        await world.InitializeAsync();
        return world;
    }

    private static string? SignedInAs(Browser browser) => browser.Page.QuerySelector(".who a")?.TextContent;

    /// <summary>Connections that try wrong passwords of made-up names, one after another, until they leave.</summary>
    private sealed class Crowd : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<HttpStatusCode, int> _answers = [];
        private readonly TaskCompletionSource _isFull = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _guessing;
        private volatile bool _leaves;

        private Crowd(ConsoleWorld world, int connections, int addresses) =>
            _guessing = Task.WhenAll(Enumerable.Range(0, connections).Select(n => Guess(world.From($"203.0.113.{1 + (n % addresses)}"), n)));

        /// <summary>No guess was right, and some were not looked at.</summary>
        public bool IsRefused => _answers.Keys.All(static status => status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) && _answers.ContainsKey(HttpStatusCode.ServiceUnavailable);

        /// <returns>When there is no place left for them.</returns>
        public static async Task<Crowd> Come(ConsoleWorld world, int connections, int addresses)
        {
            var crowd = new Crowd(world, connections, addresses);
            await crowd._isFull.Task.WaitAsync(Hang.Timeout);
            return crowd;
        }

        public async Task Leave()
        {
            _leaves = true;
            await _guessing;
        }

        public async ValueTask DisposeAsync() => await Leave();

        public override string ToString() => JsonSerializer.Serialize(_answers.ToDictionary(static answer => answer.Key.ToString(), static answer => answer.Value));

        private async Task Guess(HttpClient http, int connection)
        {
            for (var n = 0; !_leaves; n++)
            {
                using var form = new FormUrlEncodedContent([new("name", $"made-up-{connection}-{n}"), new("password", "a guess of mine 1")]);
                using var answer = await http.PostAsync("/console/sign-in/password", form);
                _answers.AddOrUpdate(answer.StatusCode, 1, static (_, count) => count + 1);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    _isFull.TrySetResult();
                }
            }
        }
    }
}
