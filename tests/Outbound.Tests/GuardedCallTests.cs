using System.Net;
using static Agora.Outbound.Tests.ScriptedService;

namespace Agora.Outbound.Tests;

/// <summary>The guard on real sockets: what is refused must not even see a connection.</summary>
public sealed class GuardedCallTests
{
    private static readonly OutboundResult Refused = new OutboundResult.Failed(OutboundFailure.Refused, null, 1) { Sent = 0 };

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_loopback_endpoint_in_any_spelling_is_Refused_without_a_connection(string host)
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = new HttpOutbound(AllowList.Empty, new FakeTime());

        Assert.Equal(Refused, await outbound.Call(Calls.To(service.Port, host)));
        Assert.Equal(Refused, await outbound.Call(Calls.To(service.Port, host, "https")));
        Assert.Equal(0, service.Connections);
    }

    [Fact]
    public async Task A_name_is_reached_when_the_allow_list_covers_the_address_it_resolves_to()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = Calls.For(service);

        Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port, "localhost"))).Text());
    }

    [Fact]
    public async Task Another_port_of_an_allowed_address_is_Refused()
    {
        await using var allowed = new ScriptedService(_ => Response("200 OK", "{}"));
        await using var other = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = Calls.For(allowed);

        Assert.Equal(Refused, await outbound.Call(Calls.To(other.Port)));
        Assert.Equal(0, other.Connections);
    }

    [Fact]
    public async Task A_public_address_by_http_is_Refused()
    {
        using var outbound = new HttpOutbound(AllowList.Empty, new FakeTime());

        Assert.Equal(Refused, await outbound.Call(Calls.To(80, "8.8.8.8")));
    }

    [Fact]
    public async Task A_name_that_changes_its_answer_is_asked_once_and_reaches_what_was_checked()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        var asked = 0;
        using var outbound = Calls.For(service, resolve: (_, _) =>
            Task.FromResult<IPAddress[]>([++asked == 1 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254")]));

        Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port, "rebind.example"))).Text());
        Assert.Equal(1, asked);
        Assert.Equal(Refused, await outbound.Call(Calls.To(service.Port, "rebind.example")));
    }

    [Fact]
    public async Task A_call_that_was_sent_and_whose_repeat_is_refused_counts_as_sent_once()
    {
        await using var service = new ScriptedService(_ => Response("502 Bad Gateway"));
        var asked = 0;
        using var outbound = Calls.For(service, resolve: (_, _) =>
            Task.FromResult<IPAddress[]>([++asked == 1 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254")]));

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Refused, null, 2) { Sent = 1 }, await outbound.Call(Calls.To(service.Port, "rebind.example")));
        Assert.Single(service.Seen);
    }

    [Fact]
    public async Task Of_mixed_addresses_only_the_permitted_one_is_connected_to()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = Calls.For(service, resolve: (_, _) =>
            Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.IPv6Loopback, IPAddress.Loopback]));

        Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port, "mixed.example"))).Text());
    }

    [Fact]
    public async Task The_next_address_is_tried_when_the_first_does_not_accept()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), new FakeTime(), (_, _) =>
            Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]));

        Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port, "two.example"))).Text());
    }

    [Fact]
    public async Task A_name_without_addresses_is_tried_three_times_Connection()
    {
        using var outbound = new HttpOutbound(AllowList.Empty, new FakeTime(), (_, _) => Task.FromResult<IPAddress[]>([]), () => 0);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Connection, null, 3) { Sent = 0 }, await outbound.Call(Calls.To(443, "none.example", "https")));
    }

    [Theory]
    [InlineData("http://user:secret@127.0.0.1/")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("http://127.0.0.1/#x")]
    public async Task An_endpoint_against_the_rules_is_Refused_before_any_attempt(string endpoint)
    {
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), new FakeTime());
        var call = new OutboundCall { ServiceId = "s", Endpoint = new Uri(endpoint), Body = default, IdempotencyKey = "k" };

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Refused, null, 0), await outbound.Call(call));
    }
}
