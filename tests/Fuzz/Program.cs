using Agora.Fuzz;
using Agora.Fuzz.Attacks;

if (Arguments.Parse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

await using var target = await arguments.Reach();
return arguments.Attacks ? await AttackRun.All(target, arguments.Only, Console.Out) : await FuzzRun.Of(target, arguments, Console.Out);
