using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Agora.Operator.Tests;

/// <summary>Wrong passwords from many connections do not keep people with right ones out. Addresses are those that a proxy names.</summary>
public sealed class CrowdTests
{
    private const string Good = "correct horse battery";

    [Fact]
    public async Task Nobody_guesses_so_much_from_one_address_that_others_cannot_sign_in()
    {
        await using var world = await Behind();
        await PutPerson(world, "new", "198.51.100.9");

        await using var crowd = await Crowd.Come(world, connections: 30, addresses: 1);
        var browser = new Browser(From(world, "198.51.100.7"), null);
        await SignIn(browser, "new");

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
            await PutPerson(world, name, address);
            people.Add((name, From(world, address)));
            await SignIn(new(people[i].Http, null), name);
        }

        await using var crowd = await Crowd.Come(world, connections: 48, addresses: 8);
        var seen = new ConcurrentBag<(HttpStatusCode, string?)>();
        await Task.WhenAll(people.Select(async person =>
        {
            for (var round = 0; round < 3; round++)
            {
                var browser = new Browser(person.Http, null);
                await SignIn(browser, person.Name);
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

    private static HttpClient From(ConsoleWorld world, string address) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = world.Http.BaseAddress, Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "X-Forwarded-For", address } } };

    private static async Task PutPerson(ConsoleWorld world, string name, string address)
    {
        await world.Put($"/admin/people/{name}", """{"role":"viewer"}""");
        var code = (await world.Agent($"/admin/people/{name}/code", ConsoleWorld.Admin, "{}")).Body.GetProperty("data").GetProperty("one_time_code").GetString()!;
        using var form = new FormUrlEncodedContent([new("name", name), new("code", code), new("password", Good), new("again", Good)]);
        using var answer = await From(world, address).PostAsync("/console/password", form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task SignIn(Browser browser, string name)
    {
        await browser.Open("/console/sign-in");
        await browser.Send(browser.Form("/console/sign-in/password"), ("name", name), ("password", Good), ("code", ""));
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
            _guessing = Task.WhenAll(Enumerable.Range(0, connections).Select(n => Guess(From(world, $"203.0.113.{1 + (n % addresses)}"), n)));

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
