using System.Diagnostics;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks.Messages;

/// <summary>A server of messages, with the load in this process.</summary>
/// <param name="Rate">Messages a second; 0: as many as come of <paramref name="InFlight"/> at a time.</param>
internal sealed record MailSubject(string Name, string What, IMailServer Mail, MailLoad Load, int InFlight, int Rate = 0) : Subject(Name, What, Mail)
{
    public override async Task<Measurement> Measure(Meter meter, int warmUp, int seconds)
    {
        var (warm, _) = await Run(warmUp);
        var (before, own) = (await meter.Read(this), Own());
        var (seen, took) = await Run(seconds);
        var used = await meter.Read(this) - before;
        return new(seen.Count, warm.Count, took, used with { Load = Own() - own }, seen, null, 0);
    }

    private Task<(Benchmarks.Load.Histogram Seen, double Seconds)> Run(int seconds) => Rate == 0 ? Load.Flood(InFlight, seconds) : Load.Pace(Rate, seconds);

    private static TimeSpan Own()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }
}
