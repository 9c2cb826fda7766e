using System.Globalization;

namespace Agora.Benchmarks;

/// <summary>Settings of a benchmark, <c>--seconds 10</c>; what was used is printed with the result.</summary>
internal sealed class Options(string[] args)
{
    private readonly SortedDictionary<string, string> _used = new(StringComparer.Ordinal);

    public string Used => string.Concat(_used.Select(u => $" --{u.Key} {u.Value}"));

    public int Number(string name, int otherwise)
    {
        var at = Array.IndexOf(args, "--" + name);
        var value = at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
        _used[name] = value.ToString(CultureInfo.InvariantCulture);
        return value;
    }
}
