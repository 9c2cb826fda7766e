using Agora.Api.Metrics;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Metrics;

public sealed class MarketWatchTests
{
    [Fact]
    public async Task What_campaigns_have_and_what_webhooks_wait_for_is_measured()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);

        await api.Services.GetServices<IHostedService>().OfType<MarketWatch>().Single().LookUp(default);

        var text = await api.Client.Text("/metrics", null);
        Assert.Matches("agora_escrow_cents [1-9][0-9.]*\n", text);
        Assert.Matches("agora_webhooks_waiting [0-9]+\n", text);
        Assert.Matches("agora_webhooks_waiting_age_seconds [0-9]+\n", text);
    }
}
