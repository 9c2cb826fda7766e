using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Models;
using Spectre.Console;

namespace Agora.Cli.MovingIn;

/// <summary>Counts what is done while it is done, and says it: as it goes on, and as a report at its end. Ids of sessions let in at the old side, so reports have their beginnings.</summary>
internal sealed class Tally(string command, bool isDry, Terminal terminal)
{
    /// <summary>Of each list so many are named; all are counted.</summary>
    private const int Named = 1_000;
    private const int IdShown = 8;
    private static readonly TimeSpan SaysEvery = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _one = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<(string Id, string Says)>> _lists = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _began = DateTimeOffset.UtcNow;
    private long _done, _saidAt = Environment.TickCount64;
    private ProgressTask? _bar;

    public long this[string what]
    {
        get
        {
            lock (_one) return _counts.GetValueOrDefault(what);
        }
    }

    public void Add(string what, long count = 1)
    {
        lock (_one) _counts[what] = _counts.GetValueOrDefault(what) + count;
    }

    /// <summary>Something about one session, in the list of this name.</summary>
    public void Note(string list, string id, string says)
    {
        lock (_one)
        {
            _counts[list] = _counts.GetValueOrDefault(list) + 1;
            _reasons[$"{list}: {says}"] = _reasons.GetValueOrDefault($"{list}: {says}") + 1;
            if (!_lists.TryGetValue(list, out var noted))
            {
                _lists[list] = noted = [];
            }

            if (noted.Count < Named)
            {
                noted.Add((Short(id), says));
            }
        }
    }

    public void Done()
    {
        var done = Interlocked.Increment(ref _done);
        _bar?.Increment(1);
        var said = Interlocked.Read(ref _saidAt);
        if (_bar is null && Environment.TickCount64 - said > SaysEvery.TotalMilliseconds && Interlocked.CompareExchange(ref _saidAt, Environment.TickCount64, said) == said)
        {
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{command}: {done} done, {Took.TotalSeconds:0} s"));
        }
    }

    /// <summary>To whoever waits.</summary>
    public void Says(string what) => terminal.Error.WriteLine($"{command}: {what}");

    /// <summary>With a bar where somebody looks at it, else with a line now and then.</summary>
    /// <param name="total">Null: nobody knows.</param>
    public async Task Shown(long? total, Func<Task> work)
    {
        if (terminal.Width is null)
        {
            await work();
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async shown =>
        {
            _bar = shown.AddTask(command, maxValue: total ?? 1);
            _bar.IsIndeterminate = total is null;
            await work();
            _bar = null;
        });
    }

    /// <summary>On standard output, in one form, and in the folder in both, unless nothing is to be changed.</summary>
    public async Task Report(string folder, bool asJson)
    {
        var (text, json) = (Markdown(), AsJson().ToJsonString(Json));
        await terminal.Out.WriteAsync(asJson ? json + "\n" : text);
        if (isDry) return;

        Places.Write(folder, Path.Combine(folder, $"{command}.md"), text);
        Places.Write(folder, Path.Combine(folder, $"{command}.json"), json);
    }

    public static string Short(string id) => id.Length <= IdShown ? id : $"{id[..Graphemes.Fit(id, IdShown)]}…";

    private TimeSpan Took => DateTimeOffset.UtcNow - _began;

    private string Markdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# move-in {command}{(isDry ? " (dry run: nothing was changed)" : "")}\n\n| what | count |\n|---|---|\n");
        foreach (var (what, count) in _counts) text.Append(CultureInfo.InvariantCulture, $"| {what} | {count} |\n");
        text.Append(CultureInfo.InvariantCulture, $"\n{_began:yyyy-MM-ddTHH:mm:ssZ}, {Took.TotalSeconds:0.0} s.\n");
        if (_reasons.Count > 0)
        {
            text.Append("\n| why | sessions |\n|---|---|\n");
            foreach (var (why, count) in _reasons) text.Append(CultureInfo.InvariantCulture, $"| {Cell(why)} | {count} |\n");
        }

        foreach (var (list, noted) in _lists)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {list}\n\n");
            foreach (var (id, says) in noted) text.Append(CultureInfo.InvariantCulture, $"* `{Cell(id)}`: {Cell(says)}\n");
        }

        return text.ToString();
    }

    private JsonObject AsJson() => new()
    {
        ["command"] = command,
        ["began_at"] = _began.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["seconds"] = Math.Round(Took.TotalSeconds, 1),
        ["counts"] = new JsonObject(_counts.Select(static count => KeyValuePair.Create<string, JsonNode?>(count.Key, count.Value))),
        ["lists"] = new JsonObject(_lists.Select(static list => KeyValuePair.Create<string, JsonNode?>(list.Key, new JsonArray([.. list.Value.Select(static one => new JsonObject { ["session"] = one.Id, ["says"] = one.Says })])))),
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ');
}
