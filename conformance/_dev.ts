// quick dev driver
import { inPyodide, inPython3 } from "/work/main/conformance/_python.ts";
import { transcript } from "/work/main/conformance/_perform.ts";
import { comparable, translated, withoutPlaces } from "/work/main/conformance/_text.ts";
const dir="/work/main/conformance/scenarios";
const only=Deno.args[0];
const names=[...Deno.readDirSync(dir)].map(e=>e.name).filter(n=>n.endsWith(".py")).map(n=>n.slice(0,-3)).filter(n=>!only||n.match(only)).sort();
const src:Record<string,string>={};
for(const n of names) src[n]=Deno.readTextFileSync(`${dir}/${n}.py`);
const rec=await inPyodide(src);
const p3=await inPython3(src);
console.log(rec.version,p3?.version,names.length);
for(const n of names){
  const a=withoutPlaces(rec.transcripts[n]);
  const b3=p3?.transcripts[n];
  if(b3!==undefined && withoutPlaces(b3)!==a) console.log(`~~ ${n} 3.11 differs\n${withoutPlaces(b3)}\n-- 3.14\n${a}`);
  const kinds=[".ts",".async.ts"];
  for(const k of kinds){ try{Deno.statSync(`${dir}/${n}${k}`)}catch{continue}
    const t=comparable(await transcript(()=>import(`${dir}/${n}${k}`)));
    if(t!==translated(a)) console.log(`!! ${n}${k}\n--python\n${translated(a)}--here\n${t}`);
    else if(only) console.log(`ok ${n}${k}\n${a}`);
  }
}
