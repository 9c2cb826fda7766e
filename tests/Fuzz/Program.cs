using Agora.Fuzz;
using Agora.Fuzz.Attacks;

if (Arguments.Parse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

if (arguments.Missing is { } missing)
{
    await Console.Error.WriteLineAsync($"{missing}\n{Arguments.Usage}");
    return 2;
}

await using var target = await arguments.Reach();
try
{
    return arguments.Attacks ? await AttackRun.All(target, arguments.Only, Console.Out) : await FuzzRun.Of(target, arguments, Console.Out);
}
catch (HttpRequestException e) when (arguments.Against is not null && e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
{
    await Console.Error.WriteLineAsync($"--against {arguments.Against}: {e.Message}");
    return 2;
}
