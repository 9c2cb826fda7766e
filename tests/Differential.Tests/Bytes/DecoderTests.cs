using System.Diagnostics;
using Xunit.Abstractions;

namespace Agora.Differential.Tests.Bytes;

/// <summary>What reads bytes of others answers or refuses as it says, whatever the bytes, within memory that its input warrants.</summary>
public sealed class DecoderTests(ITestOutputHelper output)
{
    /// <summary>Bytes that one reading may allocate: so many whatever its input, and so many for each byte of it.</summary>
    private const long AnyInput = 256 * 1024;
    private const long EachByte = 256;
    private const int Shown = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5); // hundreds of microseconds, on a machine that has time

    public static TheoryData<string> Names => [.. Decoders.All.Select(decoder => decoder.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_bytes_are_read_or_refused_as_documented(string name)
    {
        var decoder = Decoders.All.Single(one => one.Name == name);
        var (faults, refused, most, slowest) = (new List<string>(), 0, 0L, TimeSpan.Zero);
        Assert.All(decoder.Samples, sample => decoder.Read(sample, new(0)));
        for (var seed = Long.Seed; seed < Long.Seed + Math.Max(1, Long.Decodings / Decoders.All.Count) && faults.Count < Shown; seed++)
        {
            var mutation = new Mutation(seed);
            var bytes = mutation.Of(decoder.Samples);
            var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            try
            {
                decoder.Read(bytes, mutation);
            }
            catch (Exception e) when (e.GetType() == decoder.Refusal)
            {
                refused++;
            }
            catch (Exception e)
            {
                faults.Add($"AGORA_DIFFERENTIAL_SEED={seed}: {e.GetType()} of {Convert.ToHexString(bytes)}: {e}");
            }

            var (allocated, took) = (GC.GetAllocatedBytesForCurrentThread() - before, Stopwatch.GetElapsedTime(began));
            (most, slowest) = (Math.Max(most, allocated), took > slowest ? took : slowest);
            if (allocated > AnyInput + (EachByte * bytes.Length) || took > Longest)
            {
                faults.Add($"AGORA_DIFFERENTIAL_SEED={seed}: {allocated} bytes and {took.TotalSeconds:F3} s for {bytes.Length} bytes: {Convert.ToHexString(bytes)}");
            }
        }

        output.WriteLine($"{name}: from seed {Long.Seed}, {refused} refused by exception, at most {most} bytes, {slowest.TotalMilliseconds:F1} ms");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
