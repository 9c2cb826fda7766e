using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Proof;

/// <summary>Times in tokens: RFC 3339 in UTC, to the microsecond, one spelling each.</summary>
internal static class ProofTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    public static string Format(long micros) => Format(Timestamps.FromMicros(micros));
}
