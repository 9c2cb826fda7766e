using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Catalogue;

public sealed class StandingClockTests
{
    [Fact]
    public async Task What_is_put_while_a_clock_that_was_set_back_catches_up_is_seen()
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(time: time);
        async Task Put(string price, string active) => (await api.Client.Admin(HttpMethod.Put, "/admin/services/s1", $$"""
            {"name":"Cat","description":"d","category":"text","price_cents":{{price}},"endpoint":"https://text.example/","provider":"p","active":{{active}},"input_schema":{"type":"object"} }
            """)).Expect(200);
        await Put("5", "true");
        time.Move(TimeSpan.FromSeconds(-3));

        await Put("6", "true");
        var token = await api.Client.OpenSession();
        var found = (await api.Client.Get("/agent/services?q=cat", token)).Expect(200).Data;
        Assert.Equal("6", found.GetProperty("services")[0].GetProperty("price_cents").GetRawText());

        await api.Client.Deposit("agent:agent-1");
        await Put("4", "true");
        var run = (await api.Client.Post("/agent/services/s1/run", token, """{"input":{},"pay_with":"wallet","max_price_cents":10}""", ("Idempotency-Key", "run-1"))).Expect(200).Data;
        Assert.Equal("4", run.GetProperty("payment").GetProperty("amount_cents").GetRawText());

        await Put("4", "false");
        Assert.Equal(0, (await api.Client.Get("/agent/services?q=cat", token)).Expect(200).Data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task So_is_what_is_put_and_closed_of_a_campaign()
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(time: time);
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        time.Move(TimeSpan.FromSeconds(-3));

        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("Acme", "Other", StringComparison.Ordinal))).Expect(200);
        var found = (await api.Client.Get("/agent/services?sponsored=true", token)).Expect(200).Data;
        Assert.Equal("Other", found.GetProperty("services")[0].GetProperty("sponsors")[0].GetProperty("sponsor").GetString());

        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/close", null, ("Idempotency-Key", "close-1"))).Expect(200);
        Assert.Equal(0, (await api.Client.Get("/agent/services?sponsored=true", token)).Expect(200).Data.GetProperty("total_count").GetInt32());
    }
}
