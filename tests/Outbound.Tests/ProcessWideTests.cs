using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using static Agora.Outbound.Tests.ScriptedService;

namespace Agora.Outbound.Tests;

/// <summary>The default proxy and meters belong to the process: these tests run alone, after the others.</summary>
[CollectionDefinition("Process-wide", DisableParallelization = true)]
[Collection("Process-wide")]
public sealed class ProcessWideTests
{
    [Fact]
    public async Task The_proxy_of_the_environment_is_not_used()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        await using var proxy = new ScriptedService(_ => Response("200 OK", """{"from":"proxy"}"""));
        var before = HttpClient.DefaultProxy;
        try
        {
            // The proxy variables end up here, once for the process; set directly, the test does not depend on who came first.
            HttpClient.DefaultProxy = new WebProxy(new Uri($"http://127.0.0.1:{proxy.Port}"), BypassOnLocal: false);
            using var outbound = Calls.For(service);

            Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port))).Text());
            Assert.Equal(0, proxy.Connections);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public async Task Each_attempt_is_counted_by_its_outcome_and_timed()
    {
        var counted = new ConcurrentQueue<(string Instrument, string? Outcome)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Agora.Outbound")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            if (count > 0) // at first each outcome is told with 0
            {
                counted.Enqueue((instrument.Name, tags[0].Value as string));
            }
        });
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => counted.Enqueue((instrument.Name, tags[0].Value as string)));
        listener.Start();
        await using var service = new ScriptedService(number => Response(number == 1 ? "418 I'm a teapot" : "200 OK", "{}"));
        using var outbound = Calls.For(service);

        await outbound.Call(Calls.To(service.Port));
        await outbound.Call(Calls.To(service.Port));

        foreach (var instrument in new[] { "agora.outbound.attempts", "agora.outbound.attempt.duration" })
            Assert.Equal(["BadStatus", "Succeeded"], counted.Where(one => one.Instrument == instrument).Select(one => one.Outcome));
    }
}
