using System.Diagnostics;
using System.Globalization;
using Elasticity.Saboteur;

// Puts one fault after the other into a copy of the code and counts the seeds until the simulator finds it.
//   dotnet run --project sim/Saboteur -c Release -- [--first S] [names...]
ulong first = 1;
List<string> names = [.. args];
if (names.IndexOf("--first") is >= 0 and var place)
{
    if (place + 1 == names.Count || !ulong.TryParse(names[place + 1], CultureInfo.InvariantCulture, out first))
    {
        Console.Error.WriteLine("--first takes a seed.");
        return 2;
    }

    names.RemoveRange(place, 2);
}

Sabotage[] faults = [.. Faults.All.Where(f => names.Count == 0 || names.Contains(f.Name))];
if (names.Find(n => !Array.Exists(faults, f => f.Name == n)) is { } unknown)
{
    string all = string.Join(", ", Faults.All.Select(f => f.Name));
    Console.Error.WriteLine($"There is no fault {unknown}. There are: {all}");
    return 2;
}

using Workshop workshop = new(Repository.Root);
workshop.Build();
if ((workshop.Try(first, 100, "embedded") ?? workshop.Try(first, 100, "cluster")) is { } broken)
{
    Console.Error.WriteLine($"The code as it is fails already: seed {first + (ulong)broken.Seeds - 1}, {broken.Rule}.");
    return 1;
}

Stopwatch watch = Stopwatch.StartNew();
IReadOnlyDictionary<string, string> rules = FaultTable.Read(Repository.Root);
int survived = 0;
int otherwise = 0;
Console.WriteLine("| fault | what is broken | seeds | found as |");
Console.WriteLine("| --- | --- | ---: | --- |");
foreach (Sabotage fault in faults)
{
    workshop.Apply(fault);
    workshop.Build(fault);
    (int Seeds, string Rule)? found = workshop.Try(first, fault.SeedsMax, fault.Engine);
    workshop.Undo(fault);
    survived += found is null ? 1 : 0;
    if (found is { } it && !workshop.Passes(first + (ulong)it.Seeds - 1, fault.Engine))
    {
        Console.Error.WriteLine($"{fault.Name}: the code as it is fails seed {first + (ulong)it.Seeds - 1}, too.");
        return 1;
    }

    if (found is { } now && rules.GetValueOrDefault(fault.Name) is { } rule && rule != now.Rule)
    {
        otherwise++;
        Console.Error.WriteLine($"{fault.Name}: found as {now.Rule}; {FaultTable.Page} says {rule}.");
    }

    Console.WriteLine(found is { } f
        ? $"| `{fault.Name}` | {fault.What} | {f.Seeds} | `{f.Rule}` |"
        : $"| `{fault.Name}` | {fault.What} | **survived {fault.SeedsMax}** | |");
}

Console.WriteLine(
    $"\n{faults.Length} faults, {survived} survived, {otherwise} found as something else than documented, "
    + $"{watch.Elapsed.TotalSeconds:0} s");
return survived + otherwise == 0 ? 0 : 1;
