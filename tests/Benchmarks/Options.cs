using System.Globalization;

namespace Agora.Benchmarks;

/// <summary>Settings of a benchmark, <c>--seconds 10 --store sqlite --in-process</c>; what was used is printed with the result.</summary>
internal sealed class Options(string[] args)
{
    private readonly SortedDictionary<string, string> _used = new(StringComparer.Ordinal);

    public string Used => string.Concat(_used.Select(u => $" --{u.Key} {u.Value}".TrimEnd()));

    public int Number(string name, int otherwise) => int.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public string Text(string name, string otherwise)
    {
        var at = Array.IndexOf(args, "--" + name);
        return _used[name] = at >= 0 ? args[at + 1] : otherwise;
    }

    public bool Flag(string name)
    {
        var given = args.Contains("--" + name);
        if (given)
        {
            _used[name] = "";
        }

        return given;
    }
}
